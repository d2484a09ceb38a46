#ifndef TROUPE_ACTORS_PICTURE_H
#define TROUPE_ACTORS_PICTURE_H

/* Looks at the bytes of a picture, as they come or all at once: what it is, how large, and whether
 * its end is there. No decoder: a provider's bytes are stored and served, never opened here. Pure.
 */

#include "base/slice.h"
#include "base/status.h"

struct picture {
    const char *content_type;
    const char *extension; /* without a dot */
    uint32_t width;
    uint32_t height;
};

enum picture_format {
    PICTURE_FORMAT_UNKNOWN,
    PICTURE_FORMAT_PNG,
    PICTURE_FORMAT_JPEG,
    PICTURE_FORMAT_WEBP,
};

enum {
    PICTURE_HEAD_SIZE = 30, /* bytes: WebP's tell its size there, and PNG's before */
    PICTURE_TAIL_SIZE = 12, /* bytes of PNG's last chunk */
    JPEG_FIELD_SIZE = 7,    /* bytes of a segment: its length; of a frame header the size, too */
};

/* Where in a JPEG file the next byte is. */
enum jpeg_place {
    JPEG_PLACE_MARK,    /* a segment begins */
    JPEG_PLACE_CODE,    /* what it is */
    JPEG_PLACE_FIELDS,  /* its length, and what else is read of it */
    JPEG_PLACE_SEGMENT, /* the rest of one that is passed over */
    JPEG_PLACE_IMAGE,   /* behind the frame header */
};

/* What is kept of a picture whose bytes come one after another. All zero before the first. */
struct picture_scan {
    struct picture picture; /* content_type is NULL until it is known */
    enum picture_format format;
    uint64_t size;
    uint8_t head[PICTURE_HEAD_SIZE];
    size_t head_size;
    uint8_t tail[PICTURE_TAIL_SIZE];
    enum jpeg_place place;
    uint8_t code;
    uint8_t fields[JPEG_FIELD_SIZE];
    size_t field_size;
    uint32_t left;     /* bytes of the segment */
    uint8_t last;      /* byte */
    uint64_t image_at; /* bytes behind the frame header ... */
    uint64_t end_at;   /* ... up to the last end of image; 0: none */
    uint64_t full_at;  /* ... and up to the last byte that is no zero */
};

/* Takes the next bytes. Returns OK, UNSUPPORTED or MALFORMED: nothing is to be taken after that. */
enum status picture_scan_take(struct picture_scan *scan, struct slice bytes);

/* No more come. Returns as picture_look does. */
enum status picture_scan_end(const struct picture_scan *scan, struct picture *out);

/* Knows PNG, JPEG and WebP. Returns OK, UNSUPPORTED (none of them) or MALFORMED (cut off, or
 * without a size). */
enum status picture_look(struct slice bytes, struct picture *out);

#endif
