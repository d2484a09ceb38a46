/*
 * Records by way of the wire table: every message and every field of it goes through both ways, and
 * through every flaw that a field can have. Flawed records are put together byte by byte, in the
 * widest forms that msgpack has, because the encoder refuses to make them.
 */

#include "tests/unit/sample.h"

static void assert_messages_equal(const struct layout *layout, const struct message *left,
                                  const struct message *right)
{
    assert_int_equal(left->type, right->type);
    for (uint32_t number = 1; number <= layout->field_max; number++) {
        const struct field *field = &layout->fields[number];
        const void *one = field_value(field, left);
        const void *other = field_value(field, right);
        static const size_t sizes[] = {
            [WIRE_U8] = 1,   [WIRE_U32] = 4,      [WIRE_U64] = 8,  [WIRE_TIME] = 8,
            [WIRE_FLAG] = 1, [WIRE_ID] = ID_SIZE, [WIRE_BYTES] = 0};
        if (field->type == WIRE_TEXT || field->type == WIRE_BYTES) {
            assert_true(slice_equal(*(const struct slice *)one, *(const struct slice *)other));
        } else {
            assert_memory_equal(one, other, sizes[field->type]);
        }
    }
}

/* ---- records made by hand, in the widest forms ---- */

enum flaw {
    FLAW_NONE,
    FLAW_ABOVE_LIMIT,
    FLAW_WRONG_TYPE,
    FLAW_TWICE,
    FLAW_MISSING,
    FLAW_CUT_TEXT, /* not UTF-8 */
    FLAW_COUNT,
};

static void put_wide(struct buffer *out, uint8_t head, uint64_t value, size_t size)
{
    sample_put(out, &head, 1);
    for (size_t index = size; index > 0; index--) {
        uint8_t byte = (uint8_t)(value >> (8 * (index - 1)));
        sample_put(out, &byte, 1);
    }
}

static void put_number(struct buffer *out, uint64_t value)
{
    put_wide(out, 0xcf, value, 8);
}

static void put_value(struct buffer *out, const struct field *field, enum flaw flaw)
{
    uint64_t size = field->limit + (flaw == FLAW_ABOVE_LIMIT ? 1 : 0);
    if (flaw == FLAW_WRONG_TYPE) {
        sample_put(out, "\xcb\x3f\xf0\0\0\0\0\0\0", 9); /* 1.0 */
        return;
    }
    switch ((enum wire_type)field->type) {
    case WIRE_NONE:
        fail();
        break;
    case WIRE_U8:
    case WIRE_U32:
    case WIRE_U64:
    case WIRE_TIME:
        put_number(out, size);
        break;
    case WIRE_FLAG:
        sample_put(out, flaw == FLAW_ABOVE_LIMIT ? "\x01" : "\xc3", 1);
        break;
    case WIRE_TEXT:
        put_wide(out, 0xdb, size, 4);
        sample_put(out, sample_text, size - (flaw == FLAW_CUT_TEXT ? 1 : 0));
        if (flaw == FLAW_CUT_TEXT) {
            sample_put(out, "\xc3", 1);
        }
        break;
    case WIRE_ID:
    case WIRE_BYTES:
        put_wide(out, 0xc6, size, 4);
        sample_put(out, sample_bytes, size);
        break;
    }
}

/* Puts a record with all fields at their limits, and one flaw in the field `number`. */
static void put_record(struct buffer *out, const struct layout *layout, uint32_t number,
                       enum flaw flaw)
{
    uint32_t count = 0;
    sample_put(out, "\xdc\0\2", 3);
    put_number(out, layout->type);
    sample_put(out, "\xdf", 1);
    size_t count_at = out->size;
    sample_put(out, "\0\0\0\0", 4);
    for (uint32_t index = 1; index <= layout->field_max; index++) {
        const struct field *field = &layout->fields[index];
        enum flaw own = index == number ? flaw : FLAW_NONE;
        if (field->type == WIRE_NONE) {
            continue;
        }
        for (int copy = 0; copy < (own == FLAW_TWICE ? 2 : own == FLAW_MISSING ? 0 : 1); copy++) {
            put_number(out, index);
            put_value(out, field, own);
            count++;
        }
    }
    out->data[count_at + 3] = (uint8_t)count;
}

/* Whether the flaw makes the record malformed. */
static bool flaw_matters(const struct field *field, enum flaw flaw)
{
    switch (flaw) {
    case FLAW_MISSING:
        return field->required;
    case FLAW_CUT_TEXT:
        return field->type == WIRE_TEXT;
    case FLAW_NONE:
    case FLAW_COUNT:
        return false;
    case FLAW_ABOVE_LIMIT:
    case FLAW_WRONG_TYPE:
    case FLAW_TWICE:
        return true;
    }
    return true;
}

/* ---- tests ---- */

static void every_message_survives_at_its_limits_and_at_its_least(void **state)
{
    struct message in;
    struct message out;
    struct buffer buffer;
    (void)state;
    buffer_init(&buffer, FRAME_SIZE_MAX);
    for (uint32_t type = 0; sample_next(&type) != NULL;) {
        const struct layout *layout = layout_find(type);
        for (int fill = 0; fill < 3; fill++) {
            struct frame_writer writer;
            struct frame_reader reader;
            sample_fill(layout, &in, fill == 2);
            if (fill == 0) {
                memset(&in, 0, sizeof(in));
                in.type = (enum message_type)type;
            }
            buffer_clear(&buffer);
            assert_int_equal(frame_begin(&writer, &buffer, UINT64_MAX), STATUS_OK);
            assert_int_equal(frame_write(&writer, &in), STATUS_OK);
            frame_end(&writer);
            memset(&out, 0xee, sizeof(out));
            assert_int_equal(frame_open(&reader, buffer_slice(&buffer)), STATUS_OK);
            assert_true(reader.session == UINT64_MAX);
            assert_int_equal(reader.left, 1);
            assert_int_equal(frame_next(&reader, &out), STATUS_OK);
            assert_messages_equal(layout, &in, &out);
            assert_int_equal(frame_next(&reader, &out), STATUS_NOT_FOUND);
        }
    }
    buffer_fini(&buffer);
}

static void fields_of_the_value_zero_are_sent_only_when_required(void **state)
{
    struct message message = {.type = MESSAGE_TYPE_PING};
    struct buffer buffer;
    (void)state;
    buffer_init(&buffer, 100);
    assert_int_equal(record_write(&buffer, &message), STATUS_OK);
    assert_true(slice_equal(buffer_slice(&buffer), SLICE_LITERAL("\x92\x1a\x80")));
    buffer_clear(&buffer);
    message.type = MESSAGE_TYPE_HEARTBEAT;
    assert_int_equal(record_write(&buffer, &message), STATUS_OK);
    assert_true(slice_equal(buffer_slice(&buffer), SLICE_LITERAL("\x92\x03\x81\x01\x00")));
    buffer_fini(&buffer);
}

static void every_flaw_of_every_field_refuses_that_record_only(void **state)
{
    struct buffer buffer;
    (void)state;
    buffer_init(&buffer, FRAME_SIZE_MAX);
    for (uint32_t type = 0; sample_next(&type) != NULL;) {
        const struct layout *layout = layout_find(type);
        for (uint32_t number = 1; number <= layout->field_max; number++) {
            bool is_field = layout->fields[number].type != WIRE_NONE;
            for (enum flaw flaw = FLAW_NONE; is_field && flaw < FLAW_COUNT; flaw++) {
                struct frame_reader reader;
                struct message message;
                bool bad = flaw_matters(&layout->fields[number], flaw);
                buffer_clear(&buffer);
                sample_put(&buffer, "\x93\x01\x07\x92", 4);
                put_record(&buffer, layout, number, flaw);
                sample_put(&buffer, "\x92\x03\x81\x01\x05", 5);
                assert_int_equal(frame_open(&reader, buffer_slice(&buffer)), STATUS_OK);
                assert_int_equal(frame_next(&reader, &message), bad ? STATUS_MALFORMED : STATUS_OK);
                assert_int_equal(message.type, type);
                assert_int_equal(reader.fault, bad ? number : 0);
                assert_int_equal(frame_next(&reader, &message), STATUS_OK);
                assert_int_equal(message.heartbeat.credit, 5);
                assert_int_equal(frame_next(&reader, &message), STATUS_NOT_FOUND);
            }
        }
    }
    buffer_fini(&buffer);
}

static void numbers_texts_and_bytes_are_read_in_every_width(void **state)
{
    static const struct slice records[] = {
        SLICE_LITERAL("\x92\x03\x81\x01\x05"),
        SLICE_LITERAL("\x92\xcc\x03\x81\xcc\x01\xcc\x05"),
        SLICE_LITERAL("\xdc\x00\x02\xcd\x00\x03\xde\x00\x01\xcd\x00\x01\xcd\x00\x05"),
        SLICE_LITERAL(
            "\xdd\x00\x00\x00\x02\xce\x00\x00\x00\x03\xdf\x00\x00\x00\x01\xce\x00\x00\x00\x01"
            "\xce\x00\x00\x00\x05"),
        SLICE_LITERAL("\x92\xd0\x03\x81\xd0\x01\xcf\x00\x00\x00\x00\x00\x00\x00\x05"),
        SLICE_LITERAL("\x92\xd1\x00\x03\x81\xd1\x00\x01\xd0\x05"),
        SLICE_LITERAL("\x92\xd2\x00\x00\x00\x03\x81\xd2\x00\x00\x00\x01\xd1\x00\x05"),
        SLICE_LITERAL("\x92\x03\x81\xd3\x00\x00\x00\x00\x00\x00\x00\x01\xd2\x00\x00\x00\x05"),
        SLICE_LITERAL("\x92\x03\x81\x01\xd3\x00\x00\x00\x00\x00\x00\x00\x05"),
    };
    static const struct slice texts[] = {
        SLICE_LITERAL("\x92\x09\x81\x01\xa1x"),
        SLICE_LITERAL("\x92\x09\x81\x01\xd9\x01x"),
        SLICE_LITERAL("\x92\x09\x81\x01\xda\x00\x01x"),
        SLICE_LITERAL("\x92\x09\x81\x01\xdb\x00\x00\x00\x01x"),
    };
    static const struct slice bytes[] = {
        SLICE_LITERAL("\x92\x18\x82\x01\xc4\x10zzzzzzzzzzzzzzzz\x02\x05"),
        SLICE_LITERAL("\x92\x18\x82\x01\xc5\x00\x10zzzzzzzzzzzzzzzz\x02\x05"),
        SLICE_LITERAL("\x92\x18\x82\x01\xc6\x00\x00\x00\x10zzzzzzzzzzzzzzzz\x02\x05"),
    };
    struct message message;
    (void)state;
    for (size_t index = 0; index < sizeof(records) / sizeof(records[0]); index++) {
        struct slice rest = records[index];
        assert_int_equal(record_read(&rest, &message), STATUS_OK);
        assert_int_equal(message.heartbeat.credit, 5);
        assert_int_equal(rest.size, 0);
    }
    for (size_t index = 0; index < sizeof(texts) / sizeof(texts[0]); index++) {
        struct slice rest = texts[index];
        assert_int_equal(record_read(&rest, &message), STATUS_OK);
        assert_true(slice_equal(message.bye.reason, SLICE_LITERAL("x")));
    }
    for (size_t index = 0; index < sizeof(bytes) / sizeof(bytes[0]); index++) {
        struct slice rest = bytes[index];
        assert_int_equal(record_read(&rest, &message), STATUS_OK);
        assert_int_equal(message.ack.job.bytes[15], 'z');
    }
}

static void unknown_fields_of_any_kind_are_passed_over(void **state)
{
    static const struct slice values[] = {
        SLICE_LITERAL("\xc0"),
        SLICE_LITERAL("\xc2"),
        SLICE_LITERAL("\xff"),
        SLICE_LITERAL("\xd3\x80\x00\x00\x00\x00\x00\x00\x00"),
        SLICE_LITERAL("\xca\x00\x00\x00\x00"),
        SLICE_LITERAL("\xcb\x00\x00\x00\x00\x00\x00\x00\x00"),
        SLICE_LITERAL("\xa3"
                      "abc"),
        SLICE_LITERAL("\xd9\x02\xff\xff"),
        SLICE_LITERAL("\xc4\x01\x00"),
        SLICE_LITERAL("\xc7\x00\x01"),
        SLICE_LITERAL("\xc8\x00\x01\x01\x00"),
        SLICE_LITERAL("\xd4\x01\x00"),
        SLICE_LITERAL("\xd5\x01\x00\x00"),
        SLICE_LITERAL("\xd6\xff\x00\x00\x00\x00"),
        SLICE_LITERAL("\xd7\x01\x00\x00\x00\x00\x00\x00\x00\x00"),
        SLICE_LITERAL("\xd8\x01zzzzzzzzzzzzzzzz"),
        SLICE_LITERAL("\x90"),
        SLICE_LITERAL("\x80"),
        SLICE_LITERAL("\x93\x01\x92\x02\x03\x81\x04\x05"),
        SLICE_LITERAL("\x82\xa1"
                      "a\x91\x91\x81\xc0\xc0\xa1"
                      "b\x01"),
        SLICE_LITERAL("\x91\x91\x91\x91\x01"),
    };
    struct buffer buffer;
    struct message message;
    (void)state;
    buffer_init(&buffer, 1000);
    for (size_t index = 0; index < sizeof(values) / sizeof(values[0]); index++) {
        struct slice rest;
        buffer_clear(&buffer);
        sample_put(&buffer, "\x92\x03\x83\x1e", 4);
        sample_put(&buffer, values[index].data, values[index].size);
        sample_put(&buffer, "\x01\x05\xce\xff\xff\xff\xff", 7);
        sample_put(&buffer, values[index].data, values[index].size);
        rest = buffer_slice(&buffer);
        assert_int_equal(record_read(&rest, &message), STATUS_OK);
        assert_int_equal(message.heartbeat.credit, 5);
        assert_int_equal(rest.size, 0);
    }
    buffer_fini(&buffer);
}

static void a_record_cut_anywhere_is_refused_and_ends_the_reading(void **state)
{
    struct message message;
    struct buffer buffer;
    (void)state;
    buffer_init(&buffer, FRAME_SIZE_MAX);
    for (uint32_t type = 0; sample_next(&type) != NULL;) {
        sample_fill(layout_find(type), &message, false);
        buffer_clear(&buffer);
        assert_int_equal(record_write(&buffer, &message), STATUS_OK);
        for (size_t size = 1; size < buffer.size; size++) {
            struct slice rest = slice_make(buffer.data, size);
            assert_int_equal(record_read(&rest, &message), STATUS_MALFORMED);
            assert_int_equal(record_read(&rest, &message), STATUS_NOT_FOUND);
        }
    }
    buffer_fini(&buffer);
}

static void records_stand_one_behind_another_without_a_frame(void **state)
{
    struct message message = {.type = MESSAGE_TYPE_HEARTBEAT};
    struct buffer buffer;
    (void)state;
    buffer_init(&buffer, 100);
    message.heartbeat.credit = 300;
    assert_int_equal(record_write(&buffer, &message), STATUS_OK);
    sample_put(&buffer, "\x92\x7f\x80", 3);
    sample_put(&buffer, "\x92\x03\x80", 3);
    assert_int_equal(record_write(&buffer, &message), STATUS_OK);
    struct slice rest = buffer_slice(&buffer);
    assert_int_equal(record_read(&rest, &message), STATUS_OK);
    assert_int_equal(record_read(&rest, &message), STATUS_UNSUPPORTED);
    assert_int_equal(message.type, 127);
    assert_int_equal(record_read(&rest, &message), STATUS_MALFORMED);
    assert_int_equal(record_read(&rest, &message), STATUS_OK);
    assert_int_equal(message.heartbeat.credit, 300);
    assert_int_equal(record_read(&rest, &message), STATUS_NOT_FOUND);
    buffer_fini(&buffer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_message_survives_at_its_limits_and_at_its_least),
        cmocka_unit_test(fields_of_the_value_zero_are_sent_only_when_required),
        cmocka_unit_test(every_flaw_of_every_field_refuses_that_record_only),
        cmocka_unit_test(numbers_texts_and_bytes_are_read_in_every_width),
        cmocka_unit_test(unknown_fields_of_any_kind_are_passed_over),
        cmocka_unit_test(a_record_cut_anywhere_is_refused_and_ends_the_reading),
        cmocka_unit_test(records_stand_one_behind_another_without_a_frame),
    };
    return cmocka_run_group_tests(tests, sample_init, NULL);
}
