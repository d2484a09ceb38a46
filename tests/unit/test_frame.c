/* Whole frames: what is refused before anything is read, and every limit from both sides. */

#include "tests/unit/memory.h"
#include "tests/unit/sample.h"

struct frame_case {
    const char *what;
    struct slice frame;
    enum status opened;
    enum status first; /* of the first record, where the frame could be opened */
};

#define FRAME(bytes) SLICE_LITERAL(bytes)

static const struct frame_case FRAME_CASES[] = {
    {"no bytes", {NULL, 0}, STATUS_MALFORMED, 0},
    {"no records", FRAME("\x93\x01\x00\x90"), STATUS_OK, STATUS_NOT_FOUND},
    {"a byte behind", FRAME("\x93\x01\x00\x90\x00"), STATUS_MALFORMED, 0},
    {"a record behind", FRAME("\x93\x01\x00\x90\x92\x1a\x80"), STATUS_MALFORMED, 0},
    {"a record too few", FRAME("\x93\x01\x00\x92\x92\x1a\x80"), STATUS_MALFORMED, 0},
    {"another version", FRAME("\x93\x02\x00\x90"), STATUS_UNSUPPORTED, 0},
    {"another version's form", FRAME("\x95\xcd\x01\x02\xc0\xc1"), STATUS_UNSUPPORTED, 0},
    {"an empty array", FRAME("\x90"), STATUS_MALFORMED, 0},
    {"no version", FRAME("\x93\xc0\x00\x90"), STATUS_MALFORMED, 0},
    {"no array", FRAME("\x83\x01\x00\x90"), STATUS_MALFORMED, 0},
    {"two parts", FRAME("\x92\x01\x00"), STATUS_MALFORMED, 0},
    {"two parts and one behind", FRAME("\x92\x01\x00\x90"), STATUS_MALFORMED, 0},
    {"four parts", FRAME("\x94\x01\x00\x90\x00"), STATUS_MALFORMED, 0},
    {"a negative session", FRAME("\x93\x01\xff\x90"), STATUS_MALFORMED, 0},
    {"a negative wide session", FRAME("\x93\x01\xd0\x80\x90"), STATUS_MALFORMED, 0},
    {"records not in an array", FRAME("\x93\x01\x00\x80"), STATUS_MALFORMED, 0},
    {"a great array", FRAME("\xdd\x00\xff\xff\xff"), STATUS_MALFORMED, 0},
    {"a great count", FRAME("\x93\x01\x00\xdd\x00\xff\xff\xff"), STATUS_MALFORMED, 0},
    {"the greatest count", FRAME("\x93\x01\x00\xdd\xff\xff\xff\xff"), STATUS_MALFORMED, 0},
    {"a great map", FRAME("\x93\x01\x00\x91\x92\x1a\xdf\xff\xff\xff\xff"), STATUS_MALFORMED, 0},
    {"a great text", FRAME("\x93\x01\x00\x91\x92\x09\x81\x01\xdb\xff\xff\xff\xff"),
     STATUS_MALFORMED, 0},
    {"great bytes", FRAME("\x93\x01\x00\x91\x92\x09\x81\x01\xc6\xff\xff\xff\xff"), STATUS_MALFORMED,
     0},
    {"a great extension", FRAME("\x93\x01\x00\x91\x92\x09\x81\x1e\xc9\xff\xff\xff\xff\x01"),
     STATUS_MALFORMED, 0},
    {"a great inner array", FRAME("\x93\x01\x00\x91\x92\x09\x81\x1e\xdd\x7f\xff\xff\xff"),
     STATUS_MALFORMED, 0},
    {"a great inner map", FRAME("\x93\x01\x00\x91\x92\x09\x81\x1e\xdf\x80\x00\x00\x00"),
     STATUS_MALFORMED, 0},
    {"the byte never used", FRAME("\x93\x01\x00\x91\x92\x09\x81\x1e\xc1"), STATUS_MALFORMED, 0},
    {"the byte never used, and more", FRAME("\x93\x01\x00\x91\x92\x09\x81\x1e\xc1\x00"),
     STATUS_MALFORMED, 0},
    {"a great array too deep", FRAME("\x93\x01\x00\x91\x92\x09\x81\x1e\x91\x91\x91\x91\x92\x01"),
     STATUS_MALFORMED, 0},
    {"a record of one part", FRAME("\x93\x01\x00\x91\x91\x1a"), STATUS_MALFORMED, 0},
    {"a record of one part and fields", FRAME("\x93\x01\x00\x91\x91\x1a\x80"), STATUS_MALFORMED, 0},
    {"a record of three parts", FRAME("\x93\x01\x00\x91\x93\x1a\x80\x00"), STATUS_MALFORMED, 0},
    {"a record that is a number", FRAME("\x93\x01\x00\x91\x1a"), STATUS_MALFORMED, 0},
    {"a type in words", FRAME("\x93\x01\x00\x91\x92\xa1p\x80"), STATUS_MALFORMED, 0},
    {"a type above 16 bits", FRAME("\x93\x01\x00\x91\x92\xce\x00\x01\x00\x00\x80"),
     STATUS_MALFORMED, 0},
    {"fields in an array", FRAME("\x93\x01\x00\x91\x92\x1a\x90"), STATUS_MALFORMED, 0},
    {"a field's name",
     FRAME("\x93\x01\x00\x91\x92\x1a\x81\xa2"
           "at\x01"),
     STATUS_MALFORMED, 0},
    {"an unknown type", FRAME("\x93\x01\x00\x91\x92\x7f\x81\x01\xc0"), STATUS_OK,
     STATUS_UNSUPPORTED},
    {"type 0", FRAME("\x93\x01\x00\x91\x92\x00\x80"), STATUS_OK, STATUS_UNSUPPORTED},
    {"field 0", FRAME("\x93\x01\x00\x91\x92\x1a\x81\x00\x01"), STATUS_OK, STATUS_OK},
    {"a field without a value", FRAME("\x93\x01\x00\x91\x92\x1a\x81\x01\xc0"), STATUS_OK,
     STATUS_MALFORMED},
    {"a negative number", FRAME("\x93\x01\x00\x91\x92\x1a\x81\x01\xff"), STATUS_OK,
     STATUS_MALFORMED},
};

static void frames_are_judged_as_a_whole_before_anything_is_read(void **state)
{
    (void)state;
    for (size_t index = 0; index < sizeof(FRAME_CASES) / sizeof(FRAME_CASES[0]); index++) {
        struct frame_reader reader;
        struct message message;
        enum status opened = frame_open(&reader, FRAME_CASES[index].frame);
        if (opened != FRAME_CASES[index].opened) {
            fail_msg("%s: %s", FRAME_CASES[index].what, status_name(opened));
        }
        enum status first = frame_next(&reader, &message);
        if (first != (opened == STATUS_OK ? FRAME_CASES[index].first : STATUS_NOT_FOUND)) {
            fail_msg("%s: first record %s", FRAME_CASES[index].what, status_name(first));
        }
    }
}

static void an_unknown_field_is_refused_when_it_is_nested_too_deep(void **state)
{
    struct frame_reader reader;
    struct buffer buffer;
    (void)state;
    buffer_init(&buffer, FRAME_SIZE_MAX + 1);
    for (uint32_t depth = 0; depth <= 100000; depth = depth < 8 ? depth + 1 : depth * 10) {
        for (int container = 0; container < 2; container++) {
            buffer_clear(&buffer);
            sample_put(&buffer, "\x93\x01\x00\x91\x92\x03\x82\x01\x05\x1e", 10);
            for (uint32_t index = 0; index < depth; index++) {
                sample_put(&buffer, container == 0 ? "\x91" : "\x81\x01", container == 0 ? 1 : 2);
            }
            sample_put(&buffer, "\xc0", 1);
            assert_int_equal(frame_open(&reader, buffer_slice(&buffer)),
                             depth <= FIELD_DEPTH_MAX ? STATUS_OK : STATUS_TOO_LARGE);
        }
    }
    buffer_fini(&buffer);
}

static void a_record_of_too_many_fields_is_refused(void **state)
{
    struct frame_reader reader;
    struct buffer buffer;
    (void)state;
    buffer_init(&buffer, 1000);
    for (uint8_t count = FIELDS_MAX; count <= FIELDS_MAX + 1; count++) {
        buffer_clear(&buffer);
        sample_put(&buffer, "\x93\x01\x00\x91\x92\x03\xde\x00", 8);
        sample_put(&buffer, &count, 1);
        sample_put(&buffer, "\x01\x05", 2);
        for (uint8_t number = 2; number <= count; number++) {
            sample_put(&buffer, &number, 1);
            sample_put(&buffer, "\xc0", 1);
        }
        assert_int_equal(frame_open(&reader, buffer_slice(&buffer)),
                         count <= FIELDS_MAX ? STATUS_OK : STATUS_TOO_LARGE);
    }
    buffer_fini(&buffer);
}

static void a_frame_that_is_too_large_is_refused_unseen(void **state)
{
    struct frame_reader reader;
    (void)state;
    assert_int_equal(frame_open(&reader, slice_make(sample_bytes, FRAME_SIZE_MAX + 1)),
                     STATUS_TOO_LARGE);
}

static void a_frame_holds_its_greatest_number_of_records_and_no_more(void **state)
{
    const struct message ping = {.type = MESSAGE_TYPE_PING};
    struct message message;
    struct frame_writer writer;
    struct frame_reader reader;
    struct buffer buffer;
    (void)state;
    buffer_init(&buffer, FRAME_SIZE_MAX);
    assert_int_equal(frame_begin(&writer, &buffer, 1), STATUS_OK);
    for (int index = 0; index < FRAME_RECORDS_MAX; index++) {
        assert_int_equal(frame_write(&writer, &ping), STATUS_OK);
    }
    size_t size = buffer.size;
    assert_int_equal(frame_write(&writer, &ping), STATUS_TOO_LARGE);
    assert_int_equal(buffer.size, size);
    frame_end(&writer);
    assert_int_equal(frame_open(&reader, buffer_slice(&buffer)), STATUS_OK);
    assert_int_equal(reader.left, FRAME_RECORDS_MAX);
    while (frame_next(&reader, &message) == STATUS_OK) {
    }
    assert_int_equal(reader.left, 0);
    sample_put(&buffer, "\x92\x1a\x80", 3);
    writer.count++;
    frame_end(&writer);
    assert_int_equal(frame_open(&reader, buffer_slice(&buffer)), STATUS_TOO_LARGE);
    buffer_fini(&buffer);
}

static void a_frame_grows_to_its_greatest_size_and_no_further(void **state)
{
    struct message done = {.type = MESSAGE_TYPE_DONE};
    struct frame_writer writer;
    struct frame_reader reader;
    struct buffer buffer;
    enum status status;
    (void)state;
    done.done.document = slice_make(sample_bytes, DOCUMENT_SIZE_MAX);
    buffer_init(&buffer, 2 * FRAME_SIZE_MAX);
    sample_put(&buffer, sample_bytes, DOCUMENT_SIZE_MAX); /* of others, before it */
    assert_int_equal(frame_begin(&writer, &buffer, 1), STATUS_OK);
    size_t size;
    do {
        size = buffer.size;
        status = frame_write(&writer, &done);
    } while (status == STATUS_OK);
    assert_int_equal(status, STATUS_TOO_LARGE);
    assert_int_equal(buffer.size, size);
    assert_int_equal(writer.count, FRAME_SIZE_MAX / DOCUMENT_SIZE_MAX - 1);
    frame_end(&writer);
    assert_int_equal(
        frame_open(&reader, slice_make(buffer.data + writer.start, buffer.size - writer.start)),
        STATUS_OK);
    buffer_fini(&buffer);
}

/* One small frame with every message in it. */
static void frame_of_everything(struct buffer *buffer)
{
    struct frame_writer writer;
    struct message message;
    assert_int_equal(frame_begin(&writer, buffer, 77), STATUS_OK);
    for (uint32_t type = 0; sample_next(&type) != NULL;) {
        sample_fill(layout_find(type), &message, false);
        assert_int_equal(frame_write(&writer, &message), STATUS_OK);
    }
    frame_end(&writer);
}

static void a_full_buffer_leaves_the_frame_as_it_was(void **state)
{
    struct message event;
    struct buffer whole;
    (void)state;
    sample_fill(layout_find(MESSAGE_TYPE_EVENT), &event, false);
    buffer_init(&whole, 1000);
    struct frame_writer writer;
    assert_int_equal(frame_begin(&writer, &whole, 77), STATUS_OK);
    size_t head_size = whole.size;
    assert_int_equal(frame_write(&writer, &event), STATUS_OK);
    for (size_t limit = 0; limit <= whole.size; limit++) {
        struct buffer buffer;
        struct frame_reader reader;
        buffer_init(&buffer, limit);
        enum status begun = frame_begin(&writer, &buffer, 77);
        if (begun != STATUS_OK) {
            assert_int_equal(begun, STATUS_TOO_LARGE);
            assert_int_equal(buffer.size, 0);
        } else {
            enum status written = frame_write(&writer, &event);
            assert_int_equal(written, limit < whole.size ? STATUS_TOO_LARGE : STATUS_OK);
            assert_int_equal(buffer.size, limit < whole.size ? head_size : whole.size);
            frame_end(&writer);
            assert_int_equal(frame_open(&reader, buffer_slice(&buffer)), STATUS_OK);
            assert_int_equal(reader.left, limit < whole.size ? 0 : 1);
        }
        buffer_fini(&buffer);
    }
    buffer_fini(&whole);
}

static void a_failed_allocation_leaves_the_frame_as_it_was(void **state)
{
    struct message event;
    (void)state;
    sample_fill(layout_find(MESSAGE_TYPE_EVENT), &event, true);
    for (int failing = 1; failing <= 2; failing++) {
        struct frame_writer writer;
        struct frame_reader reader;
        struct buffer buffer;
        buffer_init(&buffer, FRAME_SIZE_MAX);
        memory_fail_at((size_t)failing);
        enum status begun = frame_begin(&writer, &buffer, 77);
        assert_int_equal(begun, failing == 1 ? STATUS_NO_MEMORY : STATUS_OK);
        if (begun == STATUS_OK) {
            assert_int_equal(frame_write(&writer, &event), STATUS_NO_MEMORY);
            assert_int_equal(frame_write(&writer, &event), STATUS_OK);
            frame_end(&writer);
            assert_int_equal(frame_open(&reader, buffer_slice(&buffer)), STATUS_OK);
            assert_int_equal(reader.left, 1);
        }
        memory_fail_never();
        buffer_fini(&buffer);
    }
}

static void a_frame_cut_anywhere_is_refused(void **state)
{
    struct frame_reader reader;
    struct buffer buffer;
    (void)state;
    buffer_init(&buffer, FRAME_SIZE_MAX);
    frame_of_everything(&buffer);
    for (size_t size = 0; size < buffer.size; size++) {
        /* A copy of that very size, so that the address sanitizer sees a read behind it. */
        struct buffer cut;
        buffer_init(&cut, size);
        sample_put(&cut, buffer.data, size);
        assert_int_equal(frame_open(&reader, buffer_slice(&cut)), STATUS_MALFORMED);
        buffer_fini(&cut);
    }
    assert_int_equal(frame_open(&reader, buffer_slice(&buffer)), STATUS_OK);
    buffer_fini(&buffer);
}

static void any_changed_byte_is_read_or_refused_without_harm(void **state)
{
    static const uint8_t values[] = {0x00, 0x7f, 0x80, 0x93, 0xc1, 0xc6, 0xdb, 0xdd, 0xdf, 0xff};
    struct frame_reader reader;
    struct message message;
    struct buffer buffer;
    (void)state;
    buffer_init(&buffer, FRAME_SIZE_MAX);
    frame_of_everything(&buffer);
    for (size_t at = 0; at < buffer.size; at++) {
        uint8_t before = buffer.data[at];
        for (size_t index = 0; index < sizeof(values); index++) {
            buffer.data[at] = values[index];
            if (frame_open(&reader, buffer_slice(&buffer)) == STATUS_OK) {
                uint32_t left = reader.left;
                while (frame_next(&reader, &message) != STATUS_NOT_FOUND) {
                    left--;
                }
                assert_int_equal(left, 0);
            }
        }
        buffer.data[at] = before;
    }
    buffer_fini(&buffer);
}

static void records_of_one_frame_can_be_spliced_into_another(void **state)
{
    const struct message ack = {.type = MESSAGE_TYPE_ACK, .ack = {.lease = 7}};
    struct frame_writer writer;
    struct frame_reader reader;
    struct message message;
    struct buffer first, second;
    (void)state;
    buffer_init(&first, FRAME_SIZE_MAX);
    buffer_init(&second, FRAME_SIZE_MAX);
    assert_int_equal(frame_begin(&writer, &first, 1), STATUS_OK);
    assert_int_equal(frame_write(&writer, &ack), STATUS_OK);
    assert_int_equal(frame_write(&writer, &ack), STATUS_OK);
    struct slice records = frame_records(&writer);
    assert_int_equal(frame_begin(&writer, &second, 2), STATUS_OK);
    assert_int_equal(frame_write(&writer, &ack), STATUS_OK);
    assert_int_equal(frame_splice(&writer, records, 2), STATUS_OK);
    assert_int_equal(frame_splice(&writer, records, FRAME_RECORDS_MAX), STATUS_TOO_LARGE);
    frame_end(&writer);
    assert_int_equal(frame_open(&reader, buffer_slice(&second)), STATUS_OK);
    for (int count = 0; count < 3; count++) {
        assert_int_equal(frame_next(&reader, &message), STATUS_OK);
        assert_int_equal(message.ack.lease, 7);
    }
    assert_int_equal(frame_next(&reader, &message), STATUS_NOT_FOUND);
    buffer_fini(&first);
    buffer_fini(&second);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_are_judged_as_a_whole_before_anything_is_read),
        cmocka_unit_test(an_unknown_field_is_refused_when_it_is_nested_too_deep),
        cmocka_unit_test(a_record_of_too_many_fields_is_refused),
        cmocka_unit_test(a_frame_that_is_too_large_is_refused_unseen),
        cmocka_unit_test(a_frame_holds_its_greatest_number_of_records_and_no_more),
        cmocka_unit_test(a_frame_grows_to_its_greatest_size_and_no_further),
        cmocka_unit_test(a_full_buffer_leaves_the_frame_as_it_was),
        cmocka_unit_test(a_failed_allocation_leaves_the_frame_as_it_was),
        cmocka_unit_test(a_frame_cut_anywhere_is_refused),
        cmocka_unit_test(any_changed_byte_is_read_or_refused_without_harm),
        cmocka_unit_test(records_of_one_frame_can_be_spliced_into_another),
    };
    return cmocka_run_group_tests(tests, sample_init, NULL);
}
