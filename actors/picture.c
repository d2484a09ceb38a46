#include "actors/picture.h"

enum {
    JPEG_TRAILER_SIZE_MAX = 1024, /* bytes behind the end of the image that are taken for one */
    MAGIC_SIZE_MAX = 12,          /* bytes that tell a format */
    PNG_SIZE_MIN = 45,            /* bytes: the signature, IHDR, IEND */
};

static uint32_t big16(const uint8_t *at)
{
    return (uint32_t)at[0] << 8 | at[1];
}

static uint32_t big32(const uint8_t *at)
{
    return big16(at) << 16 | big16(at + 2);
}

static uint32_t little16(const uint8_t *at)
{
    return (uint32_t)at[1] << 8 | at[0];
}

static uint32_t little24(const uint8_t *at)
{
    return (uint32_t)at[2] << 16 | little16(at);
}

static uint32_t little32(const uint8_t *at)
{
    return little16(at + 2) << 16 | little16(at);
}

static bool begins(const struct picture_scan *scan, size_t offset, const char *text, size_t size)
{
    return scan->head_size >= offset + size && memcmp(scan->head + offset, text, size) == 0;
}

/* ---- PNG 1.2: IHDR is the first chunk, an empty IEND the last ---- */

static enum status end_png(const struct picture_scan *scan, struct picture *out)
{
    static const uint8_t end[PICTURE_TAIL_SIZE] = {0,   0,   0,    0,    'I',  'E',
                                                   'N', 'D', 0xae, 0x42, 0x60, 0x82};
    if (scan->size < PNG_SIZE_MIN || !begins(scan, 12, "IHDR", 4) ||
        memcmp(scan->tail, end, sizeof(end)) != 0) {
        return STATUS_MALFORMED;
    }
    out->width = big32(scan->head + 16);
    out->height = big32(scan->head + 20);
    return STATUS_OK;
}

/* ---- JPEG (ITU T.81): segments, each with fill bytes before it (B.1.1.2), up to the frame header,
 * which tells the size; EOI at the end. It is looked for behind the frame header: the small picture
 * that some have before it has one of its own. Zeros behind it, which some writers pad with, do not
 * count. ---- */

static bool is_frame_header(uint8_t marker)
{
    return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
}

static enum status take_fields(struct picture_scan *scan, uint8_t byte)
{
    bool is_frame = is_frame_header(scan->code);
    scan->fields[scan->field_size++] = byte;
    if (scan->field_size == 2 && big16(scan->fields) < 2) {
        return STATUS_MALFORMED;
    }
    if (scan->field_size == 2 && !is_frame) {
        scan->left = big16(scan->fields) - 2;
        scan->place = scan->left > 0 ? JPEG_PLACE_SEGMENT : JPEG_PLACE_MARK;
    } else if (scan->field_size == JPEG_FIELD_SIZE) { /* length, precision, height, width */
        scan->picture.height = big16(scan->fields + 3);
        scan->picture.width = big16(scan->fields + 5);
        scan->place = JPEG_PLACE_IMAGE;
    }
    return STATUS_OK;
}

static void take_image(struct picture_scan *scan, uint8_t byte)
{
    bool is_end = scan->last == 0xff && byte == 0xd9;
    scan->image_at++;
    scan->end_at = is_end ? scan->image_at : scan->end_at;
    scan->full_at = byte != 0 ? scan->image_at : scan->full_at;
    scan->last = byte;
}

static enum status take_jpeg_byte(struct picture_scan *scan, uint8_t byte)
{
    switch (scan->place) {
    case JPEG_PLACE_MARK:
        scan->place = JPEG_PLACE_CODE;
        return byte == 0xff ? STATUS_OK : STATUS_MALFORMED;
    case JPEG_PLACE_CODE:
        if (byte != 0xff) { /* else one to fill */
            scan->code = byte;
            scan->field_size = 0;
            scan->place = JPEG_PLACE_FIELDS;
        }
        return STATUS_OK;
    case JPEG_PLACE_FIELDS:
        return take_fields(scan, byte);
    case JPEG_PLACE_SEGMENT:
        scan->left--;
        scan->place = scan->left > 0 ? JPEG_PLACE_SEGMENT : JPEG_PLACE_MARK;
        return STATUS_OK;
    case JPEG_PLACE_IMAGE:
        take_image(scan, byte);
        break;
    }
    return STATUS_OK;
}

static enum status take_jpeg(struct picture_scan *scan, const uint8_t *bytes, size_t size)
{
    enum status status = STATUS_OK;
    for (size_t index = 0; index < size && status == STATUS_OK; index++) {
        status = take_jpeg_byte(scan, bytes[index]);
    }
    return status;
}

static enum status end_jpeg(const struct picture_scan *scan)
{
    bool is_whole = scan->end_at > 0 && scan->full_at - scan->end_at <= JPEG_TRAILER_SIZE_MAX;
    return is_whole ? STATUS_OK : STATUS_MALFORMED;
}

/* ---- WebP (RFC 9649): the RIFF size, then one of three kinds of first chunk ---- */

static enum status end_webp(const struct picture_scan *scan, struct picture *out)
{
    const uint8_t *data = scan->head;
    if (scan->size < PICTURE_HEAD_SIZE || little32(data + 4) > scan->size - 8) {
        return STATUS_MALFORMED;
    }
    if (begins(scan, 12, "VP8X", 4)) {
        out->width = little24(data + 24) + 1;
        out->height = little24(data + 27) + 1;
    } else if (begins(scan, 12, "VP8L", 4)) {
        uint32_t bits = little32(data + 21);
        out->width = (bits & 0x3fff) + 1;
        out->height = (bits >> 14 & 0x3fff) + 1;
    } else if (begins(scan, 12, "VP8 ", 4)) {
        out->width = little16(data + 26) & 0x3fff;
        out->height = little16(data + 28) & 0x3fff;
    } else {
        return STATUS_MALFORMED;
    }
    return STATUS_OK;
}

/* ---- public ---- */

static void recognise(struct picture_scan *scan)
{
    static const struct picture kinds[] = {
        [PICTURE_FORMAT_UNKNOWN] = {0},
        [PICTURE_FORMAT_PNG] = {.content_type = "image/png", .extension = "png"},
        [PICTURE_FORMAT_JPEG] = {.content_type = "image/jpeg", .extension = "jpg"},
        [PICTURE_FORMAT_WEBP] = {.content_type = "image/webp", .extension = "webp"},
    };
    if (begins(scan, 0, "\x89PNG\r\n\x1a\n", 8)) {
        scan->format = PICTURE_FORMAT_PNG;
    } else if (begins(scan, 0, "\xff\xd8\xff", 3)) {
        scan->format = PICTURE_FORMAT_JPEG;
    } else if (begins(scan, 0, "RIFF", 4) && begins(scan, 8, "WEBP", 4)) {
        scan->format = PICTURE_FORMAT_WEBP;
    }
    scan->picture = kinds[scan->format];
}

static void keep_tail(struct picture_scan *scan, struct slice bytes)
{
    if (bytes.size >= PICTURE_TAIL_SIZE) {
        memcpy(scan->tail, bytes.data + bytes.size - PICTURE_TAIL_SIZE, PICTURE_TAIL_SIZE);
    } else if (bytes.size > 0) {
        memmove(scan->tail, scan->tail + bytes.size, PICTURE_TAIL_SIZE - bytes.size);
        memcpy(scan->tail + PICTURE_TAIL_SIZE - bytes.size, bytes.data, bytes.size);
    }
}

/* Returns how many of the bytes went there. */
static size_t keep_head(struct picture_scan *scan, struct slice bytes)
{
    size_t room = PICTURE_HEAD_SIZE - scan->head_size;
    size_t size = bytes.size < room ? bytes.size : room;
    if (size > 0) {
        memcpy(scan->head + scan->head_size, bytes.data, size);
        scan->head_size += size;
    }
    return size;
}

enum status picture_scan_take(struct picture_scan *scan, struct slice bytes)
{
    size_t passed = 0;
    size_t kept = keep_head(scan, bytes);
    enum status status = STATUS_OK;
    keep_tail(scan, bytes);
    scan->size += bytes.size;
    if (scan->format == PICTURE_FORMAT_UNKNOWN) {
        recognise(scan);
        passed = kept;
        if (scan->format == PICTURE_FORMAT_UNKNOWN) {
            return scan->head_size < MAGIC_SIZE_MAX ? STATUS_OK : STATUS_UNSUPPORTED;
        }
        if (scan->format == PICTURE_FORMAT_JPEG) {
            status = take_jpeg(scan, scan->head + 2, scan->head_size - 2);
        }
    }
    return status == STATUS_OK && scan->format == PICTURE_FORMAT_JPEG && bytes.size > passed
               ? take_jpeg(scan, bytes.data + passed, bytes.size - passed)
               : status;
}

enum status picture_scan_end(const struct picture_scan *scan, struct picture *out)
{
    enum status status = STATUS_UNSUPPORTED;
    *out = scan->picture;
    switch (scan->format) {
    case PICTURE_FORMAT_UNKNOWN:
        return STATUS_UNSUPPORTED;
    case PICTURE_FORMAT_PNG:
        status = end_png(scan, out);
        break;
    case PICTURE_FORMAT_JPEG:
        status = end_jpeg(scan);
        break;
    case PICTURE_FORMAT_WEBP:
        status = end_webp(scan, out);
        break;
    }
    return status == STATUS_OK && (out->width == 0 || out->height == 0) ? STATUS_MALFORMED : status;
}

enum status picture_look(struct slice bytes, struct picture *out)
{
    struct picture_scan scan = {0};
    enum status status = picture_scan_take(&scan, bytes);
    *out = scan.picture;
    return status == STATUS_OK ? picture_scan_end(&scan, out) : status;
}
