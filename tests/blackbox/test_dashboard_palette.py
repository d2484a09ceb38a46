"""The palette's search for jobs: it says how far it has looked and goes on, by itself and when it is asked to. The
answers are told by the test where a great store would be needed."""


from dashboard_stand import fixture_browser, fixture_stack  # noqa: F401
from stack import wait_until

# Answers searches by what the test tells in window.parts, [number of jobs found, is there more?]; the last one is told
# again and again. Each looks at a thousand jobs. window.asked: the queries.
TELL = """window.asked = [];
const ask = window.fetch;
const job = (number) => ({jobId: `0000000${number}-0000-4000-8000-000000000000`, queue: "character", owner: "ada",
  status: "completed", createdAt: new Date().toISOString(), character: {name: `Found ${number}`}});
let found = 0;
window.fetch = async (address, options) => {
  const query = new URL(address, location.href).searchParams;
  if (!query.has("q")) return ask(address, options);
  window.asked.push(Object.fromEntries(query));
  const [jobs, more] = window.parts.length > 1 ? window.parts.shift() : window.parts[0];
  const pagination = {nextCursor: more ? `c${window.asked.length}` : null, scanned: 1000, exhausted: !more};
  return Response.json({success: true, data: {jobs: Array.from({length: jobs}, () => job(++found))}, pagination});
};
window.parts = arguments[0];"""
HALF_A_MINUTE_LATER = """const now = performance.now.bind(performance);
    performance.now = () => now() + 30000;"""
FAR = ".palette .far"


def search(browser, words, *parts):
    from selenium.webdriver.common.keys import Keys
    browser.script(TELL, parts)
    browser.keys(Keys.CONTROL, "k")
    browser.type(".palette input", words)


def found(browser):
    return [text.split("\n")[0] for text in browser.texts(".found li")]


def looked_at(browser):
    words, = browser.texts(FAR)
    return int(words.split(" looked at so far")[0].replace(",", "")) if "looked at" in words else 0


def test_it_goes_on_until_all_have_been_looked_at(browser):
    search(browser, "some", [1, True], [0, True], [1, False])
    wait_until(lambda: found(browser)[:2] == ["Found 1", "Found 2"], what="what the first and the last part have")
    assert [(one["q"], one.get("cursor")) for one in browser.script("return window.asked")] == \
        [("some", None), ("some", "c1"), ("some", "c2")]
    wait_until(lambda: browser.texts(FAR) == [""], what="that nothing is left to be told")
    assert "Look further" not in found(browser)


def test_it_says_how_far_it_has_looked_and_goes_on_when_it_is_asked_to(browser):
    from selenium.webdriver.common.keys import Keys
    search(browser, "nowhere", [0, True])
    wait_until(lambda: looked_at(browser) >= 2000, what="more than one answer looks at")
    assert "Look further" not in found(browser), "it goes on by itself"
    browser.script(HALF_A_MINUTE_LATER)
    browser.wait(".found li", "Look further")
    first = looked_at(browser)
    assert first == 1000 * len(browser.script("return window.asked"))
    browser.keys(Keys.ENTER)
    wait_until(lambda: looked_at(browser) > first, what="more that it has looked at")
    browser.script("window.parts = [[0, false]]")
    browser.wait(FAR, "No job matches")


def test_it_ends_with_a_page_of_them_and_says_that_there_may_be_more(browser):
    search(browser, "user:ada some", [5, True], [3, True], [1, True])
    browser.wait(FAR, "The newest 8: there may be more")
    assert found(browser)[:9] == [f"Found {number}" for number in range(1, 9)] + ["All jobs with “user:ada some”"]
    assert [(one["owner"], one["q"], one["limit"]) for one in browser.script("return window.asked")] == \
        [("ada", "some", "8"), ("ada", "some", "3")]


def test_what_the_keys_are_at_stays_so_while_more_is_found(browser):
    from selenium.webdriver.common.keys import Keys
    search(browser, "work", [0, True])
    wait_until(lambda: looked_at(browser) > 0, what="that it looks")
    at = "return document.querySelector('.found [aria-selected=true]').innerText.split('\\n')[0]"
    assert browser.script(at) == "Workers"
    browser.keys(Keys.ARROW_DOWN)
    assert browser.script(at) == "All jobs with “work”"
    browser.script("window.parts = [[2, false]]")
    browser.wait(".found li", "Found 2")
    assert browser.script(at) == "All jobs with “work”"
    browser.keys(Keys.ARROW_UP)
    browser.keys(Keys.ENTER)
    browser.wait("h1", "Workers")


def test_other_words_and_closing_end_it(browser):
    from selenium.webdriver.common.keys import Keys
    search(browser, "no", [0, True])
    wait_until(lambda: looked_at(browser) >= 2000, what="that it goes on")
    browser.keys("n")
    wait_until(lambda: browser.script("return window.asked.at(-1).q") == "non", what="the other words")
    wait_until(lambda: looked_at(browser) >= 1000, what="that these are looked for")
    asked = browser.script("return window.asked.map(({q}) => q)")
    assert set(asked) == {"no", "non"} and asked == sorted(asked), "nothing is asked for of words that were given up"
    browser.keys(Keys.ESCAPE)
    browser.wait_gone("dialog")
    more = """const [done] = arguments, before = window.asked.length;
        setTimeout(() => done(window.asked.length - before), 400);"""
    assert browser.driver.execute_async_script(more) <= 1, "it goes on behind a closed palette"


def test_whoever_scrolls_is_left_alone_while_it_looks(browser):
    from selenium.webdriver.common.keys import Keys
    browser.resize(1280, 400)
    search(browser, "er", [0, True])
    wait_until(lambda: looked_at(browser) > 0, what="that it looks")
    place = "return document.querySelector('.found').scrollTop"
    browser.script("document.querySelector('.found').scrollTop = 1000")
    low, first = browser.script(place), looked_at(browser)
    assert low > 0, "there is something to scroll"
    wait_until(lambda: looked_at(browser) > first + 3000, what="that it goes on")
    assert browser.script(place) == low
    browser.script("window.parts = [[1, true], [0, true]]")
    browser.wait(".found li", "Found 1")
    assert browser.script(place) >= low
    browser.keys(Keys.ARROW_UP)
    wait_until(lambda: browser.script(place) < 10, what="the entry that a key was for")
    for _ in range(4):
        browser.keys(Keys.ARROW_DOWN)
    browser.script("window.parts = [[4, true], [0, true]]")
    browser.wait(".found li", "Found 5")
    seen = """const list = document.querySelector(".found").getBoundingClientRect();
        const {top, bottom} = document.querySelector(".found [aria-selected=true]").getBoundingClientRect();
        return [list.top - top, bottom - list.bottom]"""
    assert max(browser.script(seen)) < 1, "what the keys are at stays in sight"


def test_how_far_it_has_looked_is_told_once_a_second_at_most(browser):
    search(browser, "nowhere", [0, True])
    wait_until(lambda: looked_at(browser) > 0, what="that it looks")
    count = """const [done] = arguments, far = document.querySelector(".palette .far"), asked = window.asked.length;
        let times = 0;
        const begun = performance.now();
        new MutationObserver(() => times++).observe(far, {childList: true, characterData: true, subtree: true});
        setTimeout(() => done([times, window.asked.length - asked, performance.now() - begun]), 2500);"""
    times, asked, ms = browser.driver.execute_async_script(count)
    assert 1 <= times <= ms / 1000 + 1 < asked
    last = """const [done] = arguments, far = document.querySelector(".palette .far");
        let told = 0;
        new MutationObserver(() => {
            told && done([far.innerText, performance.now() - told]);
            told = performance.now();
            window.parts = [[0, false]];
        }).observe(far, {childList: true, characterData: true, subtree: true});"""
    words, ms = browser.driver.execute_async_script(last)
    assert "No job matches" in words and ms < 900, "the end is told at once"
