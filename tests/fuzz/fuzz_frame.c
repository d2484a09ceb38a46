/*
 * Any bytes as a frame, and as stored records. Method: what the decoder accepts goes through the
 * encoder (whose assertions check every limit), is read back, and must make the same bytes again.
 */

#include <assert.h>
#include <stdlib.h>
#include "proto/codec.h"
#include "tests/fuzz/fuzz.h"

static void check_record(const struct message *message, struct frame_writer *writer)
{
    struct buffer first;
    struct buffer second;
    struct message copy;
    buffer_init(&first, FRAME_SIZE_MAX);
    buffer_init(&second, FRAME_SIZE_MAX);
    enum status status = record_write(&first, message);
    assert(status == STATUS_OK);
    struct slice rest = buffer_slice(&first);
    status = record_read(&rest, &copy);
    assert(status == STATUS_OK && rest.size == 0);
    status = record_write(&second, &copy);
    assert(status == STATUS_OK);
    assert(slice_equal(buffer_slice(&first), buffer_slice(&second)));
    status = frame_write(writer, message);
    assert(status == STATUS_OK);
    buffer_fini(&first);
    buffer_fini(&second);
}

/* Everything that can be read of a frame, written into another, makes a frame. */
static void check_frame(struct slice bytes)
{
    struct frame_reader reader;
    struct frame_writer writer;
    struct message message;
    struct buffer copy;
    if (frame_open(&reader, bytes) != STATUS_OK) {
        assert(reader.left == 0 && frame_next(&reader, &message) == STATUS_NOT_FOUND);
        return;
    }
    buffer_init(&copy, 2 * FRAME_SIZE_MAX);
    enum status status = frame_begin(&writer, &copy, reader.session);
    assert(status == STATUS_OK);
    uint32_t expected = reader.left;
    uint32_t seen = 0;
    while ((status = frame_next(&reader, &message)) != STATUS_NOT_FOUND) {
        seen++;
        if (status == STATUS_OK) {
            check_record(&message, &writer);
        }
    }
    assert(seen == expected);
    frame_end(&writer);
    status = frame_open(&reader, buffer_slice(&copy));
    assert(status == STATUS_OK && reader.left == writer.count);
    buffer_fini(&copy);
}

static void check_records(struct slice bytes)
{
    struct message message;
    size_t left = bytes.size + 1;
    while (record_read(&bytes, &message) != STATUS_NOT_FOUND) {
        assert(bytes.size < left);
        left = bytes.size;
    }
    assert(bytes.size == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check_frame(slice_make(data, size));
    check_records(slice_make(data, size));
    return 0;
}
