// Answers in order: of a question that is asked again and again, one that was overtaken by a later one is dropped.

// Gives ask(question): what became of the promise, as {value, error}, or null for what nobody waits for any more.
// ask.forget() drops all that are under way, because something else is wanted now.
export function newest() {
  let [asked, heard] = [0, 0];
  const ask = async (question) => {
    const mine = ++asked;
    const answer = await question.then(
      (value) => ({value, error: null}),
      (error) => ({value: null, error}),
    );
    if (mine <= heard) {
      return null;
    }
    heard = mine;
    return answer;
  };
  ask.forget = () => {
    heard = asked;
  };
  return ask;
}
