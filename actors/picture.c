#include "actors/picture.h"

enum {
    JPEG_TRAILER_SIZE_MAX = 1024, /* bytes behind the end of the image that are taken for one */
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

static bool begins(struct slice bytes, size_t offset, const char *text, size_t size)
{
    return bytes.size >= offset + size && memcmp(bytes.data + offset, text, size) == 0;
}

/* PNG 1.2: IHDR is the first chunk, an empty IEND the last. */
static enum status look_at_png(struct slice bytes, struct picture *out)
{
    static const uint8_t end[12] = {0, 0, 0, 0, 'I', 'E', 'N', 'D', 0xae, 0x42, 0x60, 0x82};
    *out = (struct picture){.content_type = "image/png", .extension = "png"};
    if (bytes.size < 33 + sizeof(end) || !begins(bytes, 12, "IHDR", 4) ||
        memcmp(bytes.data + bytes.size - sizeof(end), end, sizeof(end)) != 0) {
        return STATUS_MALFORMED;
    }
    out->width = big32(bytes.data + 16);
    out->height = big32(bytes.data + 20);
    return STATUS_OK;
}

static bool is_frame_header(uint8_t marker)
{
    return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
}

/* Whether there is an EOI, with nothing behind it but so much as some writers leave there. */
static bool has_end_of_image(const uint8_t *bytes, size_t size)
{
    size_t last = size > JPEG_TRAILER_SIZE_MAX + 2 ? size - JPEG_TRAILER_SIZE_MAX - 2 : 0;
    for (size_t at = size; at >= last + 2; at--) {
        if (bytes[at - 2] == 0xff && bytes[at - 1] == 0xd9) {
            return true;
        }
    }
    return false;
}

/* ITU T.81: segments, each with fill bytes before it (B.1.1.2), up to the frame header, which tells
 * the size; EOI at the end. It is looked for behind the frame header: the small picture that some
 * have before it has one of its own. Zeros behind it, which some writers pad with, do not count. */
static enum status look_at_jpeg(struct slice bytes, struct picture *out)
{
    *out = (struct picture){.content_type = "image/jpeg", .extension = "jpg"};
    size_t end = bytes.size;
    while (end > 2 && bytes.data[end - 1] == 0) {
        end--;
    }
    size_t at = 2;
    while (at + 9 < end && bytes.data[at] == 0xff) {
        const uint8_t *segment = bytes.data + at;
        if (segment[1] == 0xff) {
            at++;
            continue;
        }
        if (is_frame_header(segment[1])) {
            out->height = big16(segment + 5);
            out->width = big16(segment + 7);
            return has_end_of_image(segment + 9, end - at - 9) ? STATUS_OK : STATUS_MALFORMED;
        }
        at += 2 + big16(segment + 2);
    }
    return STATUS_MALFORMED;
}

/* RFC 9649: the RIFF size, then one of three kinds of first chunk. */
static enum status look_at_webp(struct slice bytes, struct picture *out)
{
    *out = (struct picture){.content_type = "image/webp", .extension = "webp"};
    if (bytes.size < 30 || little32(bytes.data + 4) > bytes.size - 8) {
        return STATUS_MALFORMED;
    }
    const uint8_t *data = bytes.data;
    if (begins(bytes, 12, "VP8X", 4)) {
        out->width = little24(data + 24) + 1;
        out->height = little24(data + 27) + 1;
    } else if (begins(bytes, 12, "VP8L", 4)) {
        uint32_t bits = little32(data + 21);
        out->width = (bits & 0x3fff) + 1;
        out->height = (bits >> 14 & 0x3fff) + 1;
    } else if (begins(bytes, 12, "VP8 ", 4)) {
        out->width = little16(data + 26) & 0x3fff;
        out->height = little16(data + 28) & 0x3fff;
    } else {
        return STATUS_MALFORMED;
    }
    return STATUS_OK;
}

enum status picture_look(struct slice bytes, struct picture *out)
{
    enum status status = STATUS_UNSUPPORTED;
    *out = (struct picture){0};
    if (begins(bytes, 0, "\x89PNG\r\n\x1a\n", 8)) {
        status = look_at_png(bytes, out);
    } else if (begins(bytes, 0, "\xff\xd8\xff", 3)) {
        status = look_at_jpeg(bytes, out);
    } else if (begins(bytes, 0, "RIFF", 4) && begins(bytes, 8, "WEBP", 4)) {
        status = look_at_webp(bytes, out);
    }
    if (status == STATUS_OK && (out->width == 0 || out->height == 0)) {
        status = STATUS_MALFORMED;
    }
    return status;
}
