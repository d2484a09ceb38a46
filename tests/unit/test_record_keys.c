#include "broker/record_keys.h"

#include "broker/keys.h"
#include "broker/values.h"
#include "proto/codec.h"
#include "tests/unit/ledger.h"
#include "tests/unit/test.h"

/* Where the keys of a request lead to. */

static struct ledger ledger;
static uint8_t key[KEY_BYTES_MAX];

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

static void an_idempotency_key_leads_to_its_job(void **state)
{
    struct job job = ledger_job(JOB_KIND_CHARACTER, 1);
    struct slice bytes;
    struct key_value value;
    (void)state;
    ledger_accept_with_key(&ledger, &job, "ann", "k1");
    ledger_commit(&ledger);
    assert_true(memory_view_get(
        &ledger.memory, key_idempotency(key, SLICE_LITERAL("ann"), SLICE_LITERAL("k1")), &bytes));
    assert_int_equal(key_value_read(bytes, &value), STATUS_OK);
    assert_true(id_equal(&value.job, &job.id));
    assert_int_equal(value.hash[0], 0x5a);
    assert_int_equal(value.time_ms, ledger.now);
}

static void a_dedupe_key_leads_to_the_last_job_that_has_it(void **state)
{
    struct job first = ledger_job(JOB_KIND_CHARACTER, 1);
    struct job second = ledger_job(JOB_KIND_CHARACTER, 2);
    struct job other = ledger_job(JOB_KIND_IMAGE, 3);
    struct slice bytes;
    struct slice record;
    struct dedupe_value value;
    struct message message;
    (void)state;
    ledger_accept_with_dedupe(&ledger, &first, "ann", "d1", 0);
    ledger_commit(&ledger);
    ledger_accept_with_dedupe(&ledger, &second, "ann", "d1", 5000);
    ledger_accept_with_dedupe(&ledger, &other, "ann", "d1", 0);
    ledger_commit(&ledger);
    struct slice name =
        key_dedupe(key, SLICE_LITERAL("ann"), JOB_KIND_CHARACTER, SLICE_LITERAL("d1"));
    assert_true(memory_view_get(&ledger.memory, name, &bytes));
    assert_int_equal(dedupe_value_read(bytes, &value), STATUS_OK);
    assert_true(id_equal(&value.job, &second.id));
    assert_int_equal(value.time_ms, second.created_at);
    assert_int_equal(value.ttl_ms, 5000);
    /* It is no part of the input, which the actor gets. */
    assert_true(memory_view_get(&ledger.memory, key_input(key, &second.id), &bytes));
    assert_int_equal(plain_value_read(bytes, &record), STATUS_OK);
    assert_int_equal(record_read(&record, &message), STATUS_OK);
    assert_int_equal(message.submit.dedupe_key.size, 0);
    assert_int_equal(message.submit.dedupe_ttl_ms, 0);
}

static void the_key_of_a_change_leads_to_what_was_changed(void **state)
{
    static const uint8_t hash[HASH_SIZE] = {7};
    struct slice bytes;
    struct key_value value;
    struct effect effect = {.type = EFFECT_KEY,
                            .id = {{5}},
                            .owner = SLICE_LITERAL("ann"),
                            .key = SLICE_LITERAL("k2"),
                            .key_hash = slice_make(hash, HASH_SIZE)};
    (void)state;
    ledger_effect(&ledger, &effect);
    ledger_commit(&ledger);
    assert_true(memory_view_get(
        &ledger.memory, key_idempotency(key, SLICE_LITERAL("ann"), SLICE_LITERAL("k2")), &bytes));
    assert_int_equal(key_value_read(bytes, &value), STATUS_OK);
    assert_true(id_equal(&value.job, &effect.id));
    assert_memory_equal(value.hash, hash, HASH_SIZE);
    assert_int_equal(value.time_ms, ledger.now);
}

#define KEYS_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        KEYS_TEST(an_idempotency_key_leads_to_its_job),
        KEYS_TEST(the_key_of_a_change_leads_to_what_was_changed),
        KEYS_TEST(a_dedupe_key_leads_to_the_last_job_that_has_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
