#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/opt.h>

#include "actors/studio/film.h"

enum {
    IO_BLOCK_SIZE = 64 * 1024,
    INDEX_SIZE =
        8192, /* bytes kept free before the frames for the index: 192 frames need about 5,000 */
    KEY_FRAME_EVERY = 48,
};

/* The file as the muxer sees it: bytes that can be written over. */
struct file_writer {
    struct buffer *out;
    size_t start; /* where the file begins in out */
    size_t at;
    enum status status;
};

struct film {
    struct file_writer writer;
    AVFormatContext *format;
    AVCodecContext *codec;
    AVIOContext *io;
    AVStream *stream;
    AVFrame *frame;
    AVPacket *packet;
};

static int on_write(void *context, uint8_t *data, int size)
{
    struct file_writer *writer = context;
    size_t end = writer->start + writer->at + (size_t)size;
    if (end > writer->out->size) {
        uint8_t *room;
        writer->status = buffer_reserve(writer->out, end - writer->out->size, &room);
        if (writer->status != STATUS_OK) {
            return AVERROR(ENOMEM);
        }
        memset(room, 0, end - writer->out->size);
        buffer_commit(writer->out, end - writer->out->size);
    }
    memcpy(writer->out->data + writer->start + writer->at, data, (size_t)size);
    writer->at += (size_t)size;
    return size;
}

static int64_t on_seek(void *context, int64_t offset, int whence)
{
    struct file_writer *writer = context;
    int64_t size = (int64_t)(writer->out->size - writer->start);
    int64_t base = whence == SEEK_CUR ? (int64_t)writer->at : whence == SEEK_END ? size : 0;
    if (whence == AVSEEK_SIZE) {
        return size;
    }
    if (base + offset < 0 || base + offset > FILM_SIZE_MAX) {
        return AVERROR(EINVAL);
    }
    writer->at = (size_t)(base + offset);
    return base + offset;
}

static enum status open_codec(struct film *film, const struct motion_plan *plan)
{
    const AVCodec *codec = avcodec_find_encoder_by_name("libx264");
    film->codec = codec == NULL ? NULL : avcodec_alloc_context3(codec);
    if (film->codec == NULL) {
        return STATUS_IO;
    }
    AVCodecContext *context = film->codec;
    context->width = plan->width;
    context->height = plan->height;
    context->pix_fmt = AV_PIX_FMT_YUV420P;
    context->time_base = (AVRational){1, MOTION_FRAMES_A_SECOND};
    context->framerate = (AVRational){MOTION_FRAMES_A_SECOND, 1};
    context->gop_size = KEY_FRAME_EVERY;
    context->thread_count = 1; /* bytes that do not depend on the machine's cores */
    context->color_range = AVCOL_RANGE_MPEG;
    context->colorspace = AVCOL_SPC_BT709;
    context->color_primaries = AVCOL_PRI_BT709;
    context->color_trc = AVCOL_TRC_BT709;
    context->flags |= AV_CODEC_FLAG_GLOBAL_HEADER | AV_CODEC_FLAG_BITEXACT;
    av_opt_set(context->priv_data, "preset", "veryfast", 0);
    av_opt_set(context->priv_data, "crf", "22", 0);
    av_opt_set(context->priv_data, "profile", "high", 0);
    /* The same film on every machine. It also leaves out code that read memory nobody wrote: with
     * AVX-512 two films of one picture differed (x264 164). */
    av_opt_set(context->priv_data, "x264-params", "cpu-independent=1", 0);
    return avcodec_open2(context, codec, NULL) == 0 ? STATUS_OK : STATUS_IO;
}

static enum status open_file(struct film *film)
{
    uint8_t *block = av_malloc(IO_BLOCK_SIZE);
    if (block == NULL || avformat_alloc_output_context2(&film->format, NULL, "mp4", NULL) < 0) {
        av_free(block);
        return STATUS_NO_MEMORY;
    }
    film->io = avio_alloc_context(block, IO_BLOCK_SIZE, 1, &film->writer, NULL, on_write, on_seek);
    film->stream = avformat_new_stream(film->format, NULL);
    if (film->io == NULL || film->stream == NULL) {
        if (film->io == NULL) {
            av_free(block);
        }
        return STATUS_NO_MEMORY;
    }
    film->format->pb = film->io;
    film->format->flags |= AVFMT_FLAG_BITEXACT | AVFMT_FLAG_CUSTOM_IO;
    film->stream->time_base = film->codec->time_base;
    film->stream->avg_frame_rate = film->codec->framerate;
    if (avcodec_parameters_from_context(film->stream->codecpar, film->codec) < 0) {
        return STATUS_NO_MEMORY;
    }
    AVDictionary *options = NULL;
    /* The index goes into room kept at the front: browsers play while they load. */
    av_dict_set_int(&options, "moov_size", INDEX_SIZE, 0);
    int error = avformat_write_header(film->format, &options);
    av_dict_free(&options);
    return error < 0 ? STATUS_IO : STATUS_OK;
}

static enum status open_frame(struct film *film)
{
    film->frame = av_frame_alloc();
    film->packet = av_packet_alloc();
    if (film->frame == NULL || film->packet == NULL) {
        return STATUS_NO_MEMORY;
    }
    film->frame->format = film->codec->pix_fmt;
    film->frame->width = film->codec->width;
    film->frame->height = film->codec->height;
    film->frame->color_range = AVCOL_RANGE_MPEG;
    return av_frame_get_buffer(film->frame, 0) == 0 ? STATUS_OK : STATUS_NO_MEMORY;
}

/* Moves what the encoder has ready into the file. */
static enum status drain(struct film *film)
{
    for (;;) {
        int error = avcodec_receive_packet(film->codec, film->packet);
        if (error == AVERROR(EAGAIN) || error == AVERROR_EOF) {
            return STATUS_OK;
        }
        if (error < 0) {
            return STATUS_IO;
        }
        film->packet->duration = 1; /* without it the last frame would last no time */
        av_packet_rescale_ts(film->packet, film->codec->time_base, film->stream->time_base);
        film->packet->stream_index = 0;
        if (av_interleaved_write_frame(film->format, film->packet) < 0) {
            return film->writer.status != STATUS_OK ? film->writer.status : STATUS_IO;
        }
    }
}

static enum status encode_frames(struct film *film, const struct motion_plan *plan,
                                 struct motion *motion, struct film_watch *watch)
{
    for (int index = 0; index < plan->frame_count; index++) {
        if (atomic_load_explicit(&watch->stop, memory_order_relaxed)) {
            return STATUS_CLOSED;
        }
        if (av_frame_make_writable(film->frame) != 0) {
            return STATUS_NO_MEMORY;
        }
        struct motion_planes planes;
        for (int plane = 0; plane < 3; plane++) {
            planes.data[plane] = film->frame->data[plane];
            planes.stride[plane] = film->frame->linesize[plane];
        }
        motion_draw(motion, index, &planes);
        film->frame->pts = index;
        if (avcodec_send_frame(film->codec, film->frame) != 0) {
            return STATUS_IO;
        }
        enum status status = drain(film);
        if (status != STATUS_OK) {
            return status;
        }
        atomic_store_explicit(&watch->frames_done, index + 1, memory_order_relaxed);
    }
    if (avcodec_send_frame(film->codec, NULL) != 0) {
        return STATUS_IO;
    }
    return drain(film);
}

static void film_close(struct film *film)
{
    av_packet_free(&film->packet);
    av_frame_free(&film->frame);
    avcodec_free_context(&film->codec);
    avformat_free_context(film->format);
    if (film->io != NULL) {
        av_freep(&film->io->buffer);
        avio_context_free(&film->io);
    }
}

enum status film_encode(const struct pixels *picture, const struct motion_plan *plan,
                        struct film_watch *watch, struct buffer *out)
{
    struct film film = {.writer = {.out = out, .start = out->size}};
    struct motion *motion = NULL;
    enum status status = motion_new(picture, plan, &motion);
    if (status == STATUS_OK) {
        status = open_codec(&film, plan);
    }
    if (status == STATUS_OK) {
        status = open_file(&film);
    }
    if (status == STATUS_OK) {
        status = open_frame(&film);
    }
    if (status == STATUS_OK) {
        status = encode_frames(&film, plan, motion, watch);
    }
    if (status == STATUS_OK && av_write_trailer(film.format) != 0) {
        status = film.writer.status != STATUS_OK ? film.writer.status : STATUS_IO;
    }
    film_close(&film);
    motion_destroy(&motion);
    return status;
}
