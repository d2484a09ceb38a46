/* The connections of an endpoint: found by who they are and by number, and never taken for one
 * another. */
#include "broker/peers.h"

#include <stdio.h>
#include "tests/unit/memory.h"
#include "tests/unit/test.h"

static struct peers peers;

static int set_up(void **state)
{
    (void)state;
    return peers_init(&peers) == STATUS_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    memory_fail_never();
    peers_fini(&peers);
    peers_fini(&peers);
    return 0;
}

static enum status take(uint32_t who, struct peer **out)
{
    char routing[16];
    int size = snprintf(routing, sizeof routing, "peer-%u", who);
    return peers_take(&peers, slice_make(routing, (size_t)size), who, out);
}

static struct peer *taken(uint32_t who)
{
    struct peer *peer = NULL;
    assert_int_equal(take(who, &peer), STATUS_OK);
    return peer;
}

static void a_peer_is_found_by_its_routing_id_and_by_its_number(void **state)
{
    struct peer *one = taken(1);
    struct peer *two = taken(2);
    (void)state;
    assert_ptr_not_equal(one, two);
    assert_ptr_equal(taken(1), one);
    assert_ptr_equal(peers_find(&peers, one->number), one);
    assert_ptr_equal(peers_find(&peers, two->number), two);
    assert_true(slice_equal(peer_routing(two), SLICE_LITERAL("peer-2")));
    assert_int_equal(two->heard_at, 2);
    assert_int_equal(peers.count, 2);
    assert_null(peers_find(&peers, 0));
    assert_null(peers_find(&peers, two->number + 1));
    assert_null(peers_find(&peers, UINT64_MAX));
}

static void who_comes_again_after_a_loss_is_another(void **state)
{
    struct peer *peer = taken(1);
    const struct message message = {.type = MESSAGE_TYPE_PING};
    uint64_t number = peer->number;
    (void)state;
    peer->session = 7;
    peer->lost = true;
    peer->welcomed = true;
    peer->instance.bytes[0] = 1;
    assert_int_equal(outbox_add(&peer->outbox, &message), STATUS_OK);
    peers_remove(&peers, peer);
    assert_null(peers_find(&peers, number));
    assert_int_equal(peers.count, 0);
    peer = taken(1);
    assert_int_not_equal(peer->number, number);
    assert_null(peers_find(&peers, number));
    assert_int_equal(peer->session, 0);
    assert_int_equal(peer->instance.bytes[0], 0);
    assert_false(peer->lost);
    assert_false(peer->welcomed);
    assert_true(outbox_is_empty(&peer->outbox));
}

/* As many as there are buckets: some have chains, of which any part may go. */
static void the_table_is_bounded_and_forgets_what_is_removed(void **state)
{
    struct peer *peer = NULL;
    (void)state;
    for (uint32_t who = 0; who < PEERS_MAX; who++) {
        taken(who);
    }
    assert_int_equal(take(PEERS_MAX, &peer), STATUS_FULL);
    assert_int_equal(take(17, &peer), STATUS_OK); /* who is there already needs no room */
    for (uint32_t who = 0; who < PEERS_MAX; who += 3) {
        peers_remove(&peers, taken(who));
    }
    for (uint32_t who = 0; who < PEERS_MAX; who++) {
        if (who % 3 != 0) {
            assert_int_equal(taken(who)->heard_at, who);
        }
    }
    assert_int_equal(peers.count, PEERS_MAX - (PEERS_MAX + 2) / 3);
    for (uint32_t who = 0; who < PEERS_MAX; who += 3) {
        taken(who + PEERS_MAX);
    }
    assert_int_equal(take(0, &peer), STATUS_FULL);
    assert_int_equal(peers.count, PEERS_MAX);
}

static void a_walk_meets_each_peer_once_and_may_remove_it(void **state)
{
    uint32_t place = 0;
    uint32_t met = 0;
    struct peer *peer;
    (void)state;
    assert_null(peers_next(&peers, &place));
    for (uint32_t who = 0; who < 10; who++) {
        taken(who);
    }
    peers_remove(&peers, taken(4));
    for (place = 0; (peer = peers_next(&peers, &place)) != NULL; met++) {
        if (met % 2 == 0) {
            peers_remove(&peers, peer);
        }
    }
    assert_int_equal(met, 9);
    assert_int_equal(peers.count, 4);
    for (place = 0, met = 0; peers_next(&peers, &place) != NULL; met++) {
    }
    assert_int_equal(met, 4);
}

static void the_longest_routing_id_is_kept_whole(void **state)
{
    uint8_t routing[ROUTING_SIZE_MAX];
    struct peer *peer = NULL;
    (void)state;
    memset(routing, 0xfe, sizeof routing);
    assert_int_equal(peers_take(&peers, slice_make(routing, sizeof routing), 0, &peer), STATUS_OK);
    assert_true(slice_equal(peer_routing(peer), slice_make(routing, sizeof routing)));
    assert_int_equal(peers_take(&peers, slice_make("", 0), 0, &peer), STATUS_OK);
    assert_int_equal(peer->routing_size, 0);
    assert_int_equal(peers.count, 2);
}

static void without_memory_nobody_is_taken(void **state)
{
    struct peers none;
    struct peer *peer = NULL;
    (void)state;
    for (size_t nth = 1; nth <= 2; nth++) {
        memory_fail_at(nth);
        assert_int_equal(peers_init(&none), STATUS_NO_MEMORY);
        peers_fini(&none);
    }
    memory_fail_at(1);
    assert_int_equal(take(1, &peer), STATUS_NO_MEMORY);
    assert_int_equal(peers.count, 0);
    assert_int_equal(taken(1)->heard_at, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_peer_is_found_by_its_routing_id_and_by_its_number, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(who_comes_again_after_a_loss_is_another, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_table_is_bounded_and_forgets_what_is_removed, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_walk_meets_each_peer_once_and_may_remove_it, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(the_longest_routing_id_is_kept_whole, set_up, tear_down),
        cmocka_unit_test_setup_teardown(without_memory_nobody_is_taken, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
