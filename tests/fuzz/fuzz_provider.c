/*
 * Whatever a provider answers, a picture holds or a document says must be read without harm. The
 * first byte chooses the reader, the rest is what it reads.
 */

#include "actors/chat_text.h"
#include "actors/chat_wire.h"
#include "actors/documents.h"
#include "actors/image_wire.h"
#include "actors/picture.h"
#include "actors/prompt.h"
#include "actors/text.h"
#include "actors/wavespeed_wire.h"
#include "tests/fuzz/fuzz.h"

static void read_chat(struct slice body)
{
    struct buffer text;
    struct provider_failure failure;
    buffer_init(&text, CHAT_TEXT_SIZE_MAX);
    for (int wants_json = 0; wants_json < 2; wants_json++) {
        buffer_clear(&text);
        chat_wire_answer(body, wants_json != 0, "sk-secret", &text, &failure);
    }
    buffer_fini(&text);
}

static void read_image(struct slice body)
{
    struct image_answer answer;
    struct provider_failure failure;
    image_wire_answer(body, "sk-secret", &answer, &failure);
    buffer_fini(&answer.bytes);
}

static void read_video(struct slice body)
{
    char url[HTTP_URL_SIZE_MAX + 1];
    char task[TASK_SIZE_MAX + 1];
    enum wavespeed_status status;
    struct provider_failure failure;
    wavespeed_wire_uploaded(body, "sk-secret", url, &failure);
    wavespeed_wire_submitted(body, "sk-secret", task, &failure);
    wavespeed_wire_poll_address(body, "http://a", url);
    wavespeed_wire_polled(body, "sk-secret", &status, url, &failure);
}

static void read_error(struct slice body)
{
    struct provider_failure failure;
    struct http_response response = {
        .outcome = HTTP_OUTCOME_ANSWERED, .status = 429, .body = body, .retry_after_ms = -1};
    provider_error_of_response(&response, "sk", &failure);
}

static void read_picture(struct slice bytes)
{
    struct picture picture;
    enum status status = picture_look(bytes, &picture);
    struct picture_scan scan = {0};
    enum status in_parts = STATUS_OK;
    for (size_t at = 0; at < bytes.size && in_parts == STATUS_OK; at++) {
        in_parts = picture_scan_take(&scan, slice_make(bytes.data + at, 1));
    }
    in_parts = in_parts == STATUS_OK ? picture_scan_end(&scan, &picture) : in_parts;
    if (in_parts != status) {
        abort();
    }
}

static void read_personality(struct slice answer)
{
    json_decref(personality_read(answer));
    chat_text_without_thoughts(answer);
    chat_text_sentences(answer);
}

static void read_document(struct slice bytes)
{
    json_t *document = NULL;
    struct asset asset;
    struct id media = {{0}};
    struct buffer words;
    if (document_parse(bytes, &document) != STATUS_OK) {
        return;
    }
    buffer_init(&words, 4 * PROMPT_SIZE_MAX);
    draft_read_asset(document, "picture", &asset);
    prompt_portrait(document, SLICE_EMPTY, &(struct portrait_ids){&media, &media}, &words);
    prompt_personality(document, &words);
    prompt_motion(document, SLICE_EMPTY, 5, &words);
    buffer_fini(&words);
    json_decref(document);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void (*const readers[])(struct slice bytes) = {
        read_chat,    read_image,       read_video,    read_error,
        read_picture, read_personality, read_document,
    };
    if (size > 0) {
        readers[data[0] % (sizeof(readers) / sizeof(readers[0]))](slice_make(data + 1, size - 1));
    }
    return 0;
}
