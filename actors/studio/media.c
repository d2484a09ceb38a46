#include <stdlib.h>

#include "actors/studio/media.h"

void media_init(struct media *media, size_t size_max)
{
    *media = (struct media){.size_max = size_max};
}

void media_file_release(struct media_file *file)
{
    if (file != NULL && atomic_fetch_sub(&file->holders, 1) == 1) {
        buffer_fini(&file->content);
        free(file);
    }
}

static void forget_oldest(struct media *media)
{
    struct media_file *file = media->files[media->first];
    media->first = (media->first + 1) % MEDIA_COUNT_MAX;
    media->count--;
    media->size -= file->content.size;
    media_file_release(file);
}

void media_fini(struct media *media)
{
    while (media->count > 0) {
        forget_oldest(media);
    }
}

enum status media_add(struct media *media, const char id[MEDIA_ID_SIZE], const char *media_type,
                      const char *ending, struct buffer *content, struct media_file **out)
{
    if (content->size > media->size_max) {
        return STATUS_TOO_LARGE;
    }
    struct media_file *file = malloc(sizeof *file);
    if (file == NULL) {
        return STATUS_NO_MEMORY;
    }
    while (media->count == MEDIA_COUNT_MAX || media->size + content->size > media->size_max) {
        forget_oldest(media);
    }
    *file = (struct media_file){.media_type = media_type, .ending = ending, .content = *content};
    atomic_init(&file->holders, 1);
    memcpy(file->id, id, MEDIA_ID_SIZE);
    buffer_init(content, content->size_max);
    media->files[(media->first + media->count) % MEDIA_COUNT_MAX] = file;
    media->count++;
    media->size += file->content.size;
    *out = file;
    return STATUS_OK;
}

struct media_file *media_hold(struct media *media, struct slice id)
{
    for (size_t index = 0; index < media->count; index++) {
        struct media_file *file = media->files[(media->first + index) % MEDIA_COUNT_MAX];
        if (slice_equal(slice_from_string(file->id), id)) {
            atomic_fetch_add(&file->holders, 1);
            return file;
        }
    }
    return NULL;
}
