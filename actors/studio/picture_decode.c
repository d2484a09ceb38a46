#include <libavcodec/avcodec.h>
#include <libavutil/imgutils.h>
#include <libswscale/swscale.h>

#include "actors/studio/picture.h"

struct signature {
    enum picture_type type;
    size_t offset;
    const char *bytes;
    size_t size;
};

static const struct signature SIGNATURES[] = {
    {PICTURE_PNG, 0, "\x89PNG\r\n\x1a\n", 8},
    {PICTURE_JPEG, 0, "\xff\xd8\xff", 3},
    {PICTURE_WEBP, 8, "WEBP", 4},
    {PICTURE_GIF, 0, "GIF8", 4},
    {PICTURE_BMP, 0, "BM", 2},
};

enum picture_type picture_type_of(struct slice file)
{
    for (size_t index = 0; index < sizeof SIGNATURES / sizeof SIGNATURES[0]; index++) {
        const struct signature *signature = &SIGNATURES[index];
        if (file.size >= signature->offset + signature->size &&
            memcmp(file.data + signature->offset, signature->bytes, signature->size) == 0) {
            return signature->type;
        }
    }
    return PICTURE_UNKNOWN;
}

const char *picture_media_type(enum picture_type type)
{
    static const char *const TYPES[] = {
        [PICTURE_UNKNOWN] = "application/octet-stream",
        [PICTURE_PNG] = "image/png",
        [PICTURE_JPEG] = "image/jpeg",
        [PICTURE_WEBP] = "image/webp",
        [PICTURE_GIF] = "image/gif",
        [PICTURE_BMP] = "image/bmp",
    };
    return TYPES[type];
}

const char *picture_ending(enum picture_type type)
{
    static const char *const ENDINGS[] = {
        [PICTURE_UNKNOWN] = "bin", [PICTURE_PNG] = "png", [PICTURE_JPEG] = "jpg",
        [PICTURE_WEBP] = "webp",   [PICTURE_GIF] = "gif", [PICTURE_BMP] = "bmp",
    };
    return ENDINGS[type];
}

static enum AVCodecID codec_of(enum picture_type type)
{
    static const enum AVCodecID CODECS[] = {
        [PICTURE_UNKNOWN] = AV_CODEC_ID_NONE, [PICTURE_PNG] = AV_CODEC_ID_PNG,
        [PICTURE_JPEG] = AV_CODEC_ID_MJPEG,   [PICTURE_WEBP] = AV_CODEC_ID_WEBP,
        [PICTURE_GIF] = AV_CODEC_ID_GIF,      [PICTURE_BMP] = AV_CODEC_ID_BMP,
    };
    return CODECS[type];
}

static enum status status_of(int error)
{
    return error == AVERROR(ENOMEM) ? STATUS_NO_MEMORY : STATUS_MALFORMED;
}

/* libav reads a little past the end of a packet, so the bytes are copied into a padded one. */
static enum status decode_frame(struct slice file, AVCodecContext *context, AVFrame *frame)
{
    AVPacket *packet = av_packet_alloc();
    if (packet == NULL || av_new_packet(packet, (int)file.size) != 0) {
        av_packet_free(&packet);
        return STATUS_NO_MEMORY;
    }
    memcpy(packet->data, file.data, file.size);
    int error = avcodec_send_packet(context, packet);
    if (error == 0) {
        error = avcodec_receive_frame(context, frame);
        if (error == AVERROR(EAGAIN) && avcodec_send_packet(context, NULL) == 0) {
            error = avcodec_receive_frame(context, frame);
        }
    }
    av_packet_free(&packet);
    return error == 0 ? STATUS_OK : status_of(error);
}

/* The old names of full-range formats confuse the scaler; it is told the range instead. */
static enum AVPixelFormat plain_format(enum AVPixelFormat format)
{
    return format == AV_PIX_FMT_YUVJ420P   ? AV_PIX_FMT_YUV420P
           : format == AV_PIX_FMT_YUVJ422P ? AV_PIX_FMT_YUV422P
           : format == AV_PIX_FMT_YUVJ444P ? AV_PIX_FMT_YUV444P
                                           : format;
}

static void flatten_on_white(struct pixels *pixels)
{
    size_t count = (size_t)pixels->width * (size_t)pixels->height;
    for (size_t index = 0; index < count; index++) {
        uint32_t pixel = pixels->data[index];
        uint32_t alpha = pixel >> 24;
        if (alpha != 255) {
            uint32_t result = 0xff000000u;
            for (unsigned shift = 0; shift < 24; shift += 8) {
                uint32_t value = pixel >> shift & 0xff;
                result |= (value * alpha + 255 * (255 - alpha) + 127) / 255 << shift;
            }
            pixels->data[index] = result;
        }
    }
}

static enum status convert(const AVFrame *frame, struct pixels *out)
{
    enum status status = pixels_init(out, frame->width, frame->height);
    if (status != STATUS_OK) {
        return status;
    }
    enum AVPixelFormat format = plain_format((enum AVPixelFormat)frame->format);
    struct SwsContext *scaler =
        sws_getContext(frame->width, frame->height, format, out->width, out->height,
                       AV_PIX_FMT_BGRA, SWS_POINT | SWS_ACCURATE_RND, NULL, NULL, NULL);
    if (scaler == NULL) {
        pixels_fini(out);
        return STATUS_UNSUPPORTED;
    }
    bool full =
        format != (enum AVPixelFormat)frame->format || frame->color_range == AVCOL_RANGE_JPEG;
    const int *table = sws_getCoefficients(SWS_CS_ITU601); /* JPEG's and WebP's own matrix */
    sws_setColorspaceDetails(scaler, table, full, table, 1, 0, 1 << 16, 1 << 16);
    uint8_t *planes[4] = {(uint8_t *)out->data};
    int strides[4] = {out->width * 4};
    sws_scale(scaler, (const uint8_t *const *)frame->data, frame->linesize, 0, frame->height,
              planes, strides);
    sws_freeContext(scaler);
    flatten_on_white(out);
    return STATUS_OK;
}

enum status picture_decode(struct slice file, struct pixels *out)
{
    *out = (struct pixels){0};
    const AVCodec *codec = avcodec_find_decoder(codec_of(picture_type_of(file)));
    if (codec == NULL || file.size > INT32_MAX / 2) {
        return codec == NULL ? STATUS_UNSUPPORTED : STATUS_TOO_LARGE;
    }
    AVCodecContext *context = avcodec_alloc_context3(codec);
    AVFrame *frame = av_frame_alloc();
    enum status status = STATUS_NO_MEMORY;
    if (context == NULL || frame == NULL) {
        goto out;
    }
    context->thread_count = 1;
    context->max_pixels = (int64_t)PIXELS_SIDE_MAX * PIXELS_SIDE_MAX;
    if (avcodec_open2(context, codec, NULL) != 0) {
        goto out;
    }
    status = decode_frame(file, context, frame);
    if (status == STATUS_OK) {
        status = convert(frame, out);
    }
out:
    av_frame_free(&frame);
    avcodec_free_context(&context);
    return status;
}
