#include "broker/query.h"

#include "tests/unit/ledger.h"
#include "tests/unit/test.h"

/* What the core is told of the store for one request. */

static struct ledger ledger;

static int set_up(void **state)
{
    (void)state;
    ledger_init(&ledger);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    ledger_fini(&ledger);
    return 0;
}

static void make_character(struct job *job, const char *owner, const char *document)
{
    ledger_accept(&ledger, job, owner, "{\"name\":\"Ada\"}");
    ledger_end(&ledger, job, owner, JOB_STATE_COMPLETED, document, "{\"portrait\":1}");
    ledger_commit(&ledger);
}

static struct facts submit_facts(const struct message_submit *submit)
{
    struct facts facts;
    const struct message message = {.type = MESSAGE_TYPE_SUBMIT, .submit = *submit};
    assert_int_equal(query_facts(&ledger.memory.view, &message, ledger.now, &facts), STATUS_OK);
    assert_int_equal(facts.commit, ledger.commit);
    return facts;
}

static void a_used_key_is_found_until_it_is_a_day_old(void **state)
{
    struct job job = ledger_job(JOB_KIND_CHARACTER, 1);
    (void)state;
    ledger_accept_with_key(&ledger, &job, "ann", "k1");
    ledger_commit(&ledger);
    struct message_submit submit = {
        .kind = JOB_KIND_CHARACTER, .owner = SLICE_LITERAL("ann"), .key = SLICE_LITERAL("k1")};
    struct facts facts = submit_facts(&submit);
    assert_true(facts.key_found);
    assert_true(id_equal(&facts.key_job, &job.id));
    assert_int_equal(facts.key_hash[0], 0x5a);
    submit.owner = SLICE_LITERAL("bob");
    assert_false(submit_facts(&submit).key_found);
    submit.owner = SLICE_LITERAL("ann");
    ledger.now += KEY_LIFE_MS;
    assert_false(submit_facts(&submit).key_found);
}

static void a_dedupe_key_names_the_job_that_has_it_as_it_is(void **state)
{
    struct job job = ledger_job(JOB_KIND_CHARACTER, 1);
    (void)state;
    ledger_accept_with_dedupe(&ledger, &job, "ann", "d1", 5000);
    ledger_end(&ledger, &job, "ann", JOB_STATE_FAILED, NULL, NULL);
    ledger_commit(&ledger);
    struct message_submit submit = {.kind = JOB_KIND_CHARACTER,
                                    .owner = SLICE_LITERAL("ann"),
                                    .dedupe_key = SLICE_LITERAL("d1")};
    struct holder_facts holder = submit_facts(&submit).holder;
    assert_true(holder.found);
    assert_true(id_equal(&holder.job, &job.id));
    assert_int_equal(holder.at, job.created_at);
    assert_int_equal(holder.ttl_ms, 5000);
    assert_int_equal(holder.state, JOB_STATE_FAILED);
    assert_int_equal(holder.version, 2);
    submit.kind = JOB_KIND_IMAGE;
    assert_false(submit_facts(&submit).holder.found);
    submit.kind = JOB_KIND_CHARACTER;
    submit.owner = SLICE_LITERAL("bob");
    assert_false(submit_facts(&submit).holder.found);
    submit.owner = SLICE_LITERAL("ann");
    submit.dedupe_key = SLICE_LITERAL("d2");
    assert_false(submit_facts(&submit).holder.found);
}

/* It would refuse whatever comes with it, for ever. */
static void a_damaged_key_counts_as_unused_and_is_noted(void **state)
{
    struct job keyed = ledger_job(JOB_KIND_CHARACTER, 1);
    struct job holder = ledger_job(JOB_KIND_CHARACTER, 2);
    struct view_damage damage = {0};
    uint8_t key[KEY_BYTES_MAX];
    const struct slice ann = SLICE_LITERAL("ann");
    const struct message_submit submit = {.kind = JOB_KIND_CHARACTER,
                                          .owner = ann,
                                          .key = SLICE_LITERAL("k1"),
                                          .dedupe_key = SLICE_LITERAL("d1")};
    (void)state;
    ledger.memory.view.damage = &damage;
    ledger_accept_with_key(&ledger, &keyed, "ann", "k1");
    ledger_accept_with_dedupe(&ledger, &holder, "ann", "d1", 5000);
    ledger_commit(&ledger);
    memory_view_put(&ledger.memory, key_job(key, &holder.id), SLICE_LITERAL("nonsense"));
    struct holder_facts found = submit_facts(&submit).holder; /* the holder as long as it lives */
    assert_true(found.found && id_equal(&found.job, &holder.id));
    assert_int_equal(found.ttl_ms, 0);
    assert_int_equal(damage.count, 1);
    memory_view_put(&ledger.memory, key_idempotency(key, ann, submit.key), SLICE_LITERAL("x"));
    memory_view_put(&ledger.memory, key_dedupe(key, ann, submit.kind, submit.dedupe_key),
                    SLICE_LITERAL("x"));
    struct facts facts = submit_facts(&submit);
    assert_false(facts.key_found || facts.holder.found);
    assert_int_equal(damage.keys, 2);
}

static void a_known_job_is_found_by_its_owner_only(void **state)
{
    struct job job = ledger_job(JOB_KIND_CHARACTER, 1);
    (void)state;
    ledger_ended(&ledger, &job, "ann", JOB_STATE_FAILED, NULL, NULL);
    struct message_submit submit = {.owner = SLICE_LITERAL("ann"), .job = job.id};
    struct facts facts = submit_facts(&submit);
    assert_true(facts.job_found);
    assert_int_equal(facts.head.state, JOB_STATE_FAILED);
    assert_int_equal(facts.head.version, 2);
    submit.owner = SLICE_LITERAL("bob");
    assert_false(submit_facts(&submit).job_found);

    struct message cancel = {.type = MESSAGE_TYPE_CANCEL_JOB,
                             .cancel_job = {.job = job.id, .owner = SLICE_LITERAL("bob")}};
    assert_int_equal(query_facts(&ledger.memory.view, &cancel, ledger.now, &facts), STATUS_OK);
    assert_false(facts.job_found);
    cancel.cancel_job.admin = true;
    assert_int_equal(query_facts(&ledger.memory.view, &cancel, ledger.now, &facts), STATUS_OK);
    assert_true(facts.job_found);
}

static void a_job_to_retry_comes_whole_with_its_owner_and_documents(void **state)
{
    struct job character = ledger_job(JOB_KIND_CHARACTER, 1);
    struct job video = ledger_job(JOB_KIND_VIDEO, 2);
    struct facts facts;
    (void)state;
    make_character(&character, "ann", "{}");
    video.character = character.character;
    video.source = character.media;
    ledger_ended(&ledger, &video, "ann", JOB_STATE_FAILED, NULL, NULL);
    struct message retry = {.type = MESSAGE_TYPE_RETRY_JOB,
                            .retry_job = {.job = video.id, .owner = SLICE_LITERAL("bob")}};
    assert_int_equal(query_facts(&ledger.memory.view, &retry, ledger.now, &facts), STATUS_OK);
    assert_false(facts.job_found);
    retry.retry_job.admin = true;
    assert_int_equal(query_facts(&ledger.memory.view, &retry, ledger.now, &facts), STATUS_OK);
    assert_true(facts.job_found);
    assert_memory_equal(&facts.head, &video, JOB_HEAD_SIZE);
    assert_true(slice_equal(slice_make(facts.owner, facts.owner_size), SLICE_LITERAL("ann")));
    assert_int_equal(facts.character, FACT_OWNED);
    assert_int_equal(facts.source, FACT_OWNED);
    retry.retry_job.job = (struct id){{99}};
    assert_int_equal(query_facts(&ledger.memory.view, &retry, ledger.now, &facts), STATUS_OK);
    assert_false(facts.job_found);
}

static void characters_and_sources_are_told_from_what_does_not_suit(void **state)
{
    struct job character = ledger_job(JOB_KIND_CHARACTER, 1);
    struct job other = ledger_job(JOB_KIND_CHARACTER, 2);
    struct job video = ledger_job(JOB_KIND_VIDEO, 3);
    const struct id unknown = {{99}};
    (void)state;
    video.character = character.character;
    make_character(&character, "ann", "{}");
    make_character(&other, "ann", "{}");
    ledger_ended(&ledger, &video, "ann", JOB_STATE_COMPLETED, "{}", NULL);
    const struct {
        const char *owner;
        struct id character;
        struct id source;
        enum fact_owned character_fact;
        enum fact_owned source_fact;
    } cases[] = {
        {"ann", character.character, character.media, FACT_OWNED, FACT_OWNED},
        {"ann", character.character, other.media, FACT_OWNED, FACT_UNSUITABLE},
        {"ann", character.character, video.media, FACT_OWNED, FACT_UNSUITABLE},
        {"ann", character.character, other.character, FACT_OWNED, FACT_UNKNOWN},
        {"ann", character.character, unknown, FACT_OWNED, FACT_UNKNOWN},
        {"ann", character.media, character.media, FACT_UNKNOWN, FACT_UNSUITABLE},
        {"ann", unknown, character.media, FACT_UNKNOWN, FACT_UNSUITABLE},
        {"bob", character.character, character.media, FACT_UNKNOWN, FACT_UNKNOWN},
    };
    for (size_t index = 0; index < sizeof cases / sizeof cases[0]; index++) {
        const struct message_submit submit = {.kind = JOB_KIND_VIDEO,
                                              .owner = slice_from_string(cases[index].owner),
                                              .character = cases[index].character,
                                              .source = cases[index].source};
        struct facts facts = submit_facts(&submit);
        assert_int_equal(facts.character, cases[index].character_fact);
        assert_int_equal(facts.source, cases[index].source_fact);
    }
}

#define FACTS_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FACTS_TEST(a_used_key_is_found_until_it_is_a_day_old),
        FACTS_TEST(a_dedupe_key_names_the_job_that_has_it_as_it_is),
        FACTS_TEST(a_damaged_key_counts_as_unused_and_is_noted),
        FACTS_TEST(a_known_job_is_found_by_its_owner_only),
        FACTS_TEST(a_job_to_retry_comes_whole_with_its_owner_and_documents),
        FACTS_TEST(characters_and_sources_are_told_from_what_does_not_suit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
