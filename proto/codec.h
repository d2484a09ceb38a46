#ifndef TROUPE_PROTO_CODEC_H
#define TROUPE_PROTO_CODEC_H

/*
 * Frames of records, in msgpack: [version, session, [[type, {field: value, ...}], ...]]. Pure. The
 * writer packs into a bounded buffer; the reader walks the bytes with a cursor that checks every
 * length, count and depth against what is left before it is used, builds no tree and allocates
 * nothing.
 */

#include "base/buffer.h"
#include "proto/messages.h"

/* ---- writing: embedded by its owner; out must outlive it ---- */

struct frame_writer {
    struct buffer *out;
    size_t start;        /* where this frame begins in out */
    size_t count_offset; /* where its number of records stands */
    uint32_t count;
};

/* Begins a frame at the end of out. Returns OK, TOO_LARGE or NO_MEMORY. */
enum status frame_begin(struct frame_writer *writer, struct buffer *out, uint64_t session);

/* Appends a record. A field above its limit, and TEXT that is not UTF-8, is our bug (assert): cut
 * words of others with text_clip (proto/text.h). On TOO_LARGE (out's limit, FRAME_SIZE_MAX or
 * FRAME_RECORDS_MAX) or NO_MEMORY the frame is as it was before. */
enum status frame_write(struct frame_writer *writer, const struct message *message);

/* Appends count records that are encoded already, as another frame or record_write made them.
 * Returns as frame_write; all of them or none. */
enum status frame_splice(struct frame_writer *writer, struct slice records, uint32_t count);

/* The encoded records of a frame so far; valid until its buffer changes. */
struct slice frame_records(const struct frame_writer *writer);

/* Writes the number of records into the frame's head; the frame is whole. */
void frame_end(struct frame_writer *writer);

/* ---- reading ---- */

struct frame_reader {
    const uint8_t *position;
    const uint8_t *end;
    uint64_t session;
    uint32_t left;  /* records not read yet */
    uint32_t fault; /* after MALFORMED: the field that is missing or bad, 0 when it is none */
};

/* Checks the envelope and that the whole frame is well formed within all limits. Returns OK,
 * TOO_LARGE (size, records, fields, depth), MALFORMED, or UNSUPPORTED (another PROTOCOL_VERSION).
 * The frame's bytes must outlive the reader and what it reads. */
enum status frame_open(struct frame_reader *reader, struct slice frame);

/* Reads the next record. Returns OK, NOT_FOUND (no more), UNSUPPORTED (an unknown type: out->type
 * tells the number; go on) or MALFORMED (a required field is missing, a value has the wrong type or
 * is out of its limit, a field stands twice, text is not UTF-8: out->type and reader->fault tell
 * which; go on). Only OK fills in out's fields. */
enum status frame_next(struct frame_reader *reader, struct message *out);

/* ---- single records, as the store keeps them ---- */

/* Appends one record, as frame_write does. Returns OK, TOO_LARGE (out's limit) or NO_MEMORY; out is
 * unchanged unless OK. */
enum status record_write(struct buffer *out, const struct message *message);

/* Reads one record from the front of *bytes and moves it on. Returns as frame_next. Where not even
 * the end of a record can be told, *bytes becomes empty: a loop until NOT_FOUND ends. */
enum status record_read(struct slice *bytes, struct message *out);

/* Reads the count SUBMIT records that follow a SUBMIT_GROUP from the front of *bytes and moves it
 * on. Returns OK or MALFORMED. */
enum status submits_read(struct slice *bytes, uint32_t count, struct message_submit *out);

#endif
