/* `troupe delete`, and what `troupe show` tells of the same: characters and media entries. */

#include "cli/made.h"

#include <stdio.h>
#include <string.h>
#include "base/id.h"
#include "cli/about.h"
#include "cli/command.h"
#include "cli/rows.h"
#include "cli/session.h"

const char usage_delete[] = "usage: troupe delete character CHARACTER [--json] [--user NAME] "
                            "[--data DIR]\n"
                            "       troupe delete media CHARACTER MEDIA [--json] [--user NAME] "
                            "[--data DIR]\n";

static void print_made(const struct session *session, const struct document *document)
{
    static const struct row rows[] = {
        {"id", "data.id"},
        {"deleted", "data.deleted"},
        {"displayId", "data.displayId"},
        {"characterId", "data.characterId"},
        {"name", "data.name"},
        {"type", "data.type"},
        {"description", "data.description"},
        {"appearance", "data.appearance"},
        {"personality", "data.aiPersonality"},
        {"mediaId", "data.mediaId"},
    };
    static const struct row about_media[] = {
        {"contentType", "data.contentType"},
        {"size", "data.size"},
        {"width", "data.width"},
        {"height", "data.height"},
        {"duration", "data.duration"},
        {"resolution", "data.resolution"},
        {"pose", "data.poseId"},
        {"made from", "data.source"},
        {"created", "data.createdAt"},
    };
    rows_print(document, rows, sizeof rows / sizeof rows[0]);
    about_print_url(session, "image", document, "data.imageUrl");
    about_print_url(session, "url", document, "data.url");
    rows_print(document, about_media, sizeof about_media / sizeof about_media[0]);
}

/* Whether the words name a character or a media entry; *is_id: and by what may be ids. */
static bool name_one(int count, char *const *words, bool *is_id)
{
    bool is_character = count == 2 && strcmp(words[0], "character") == 0;
    bool is_media = count == 3 && strcmp(words[0], "media") == 0;
    *is_id = true;
    for (int index = 1; index < count && *is_id && (is_character || is_media); index++) {
        *is_id = session_is_id(words[index]);
    }
    return is_character || is_media;
}

/* Says what of the words is missing or too much. */
static int wrong_words(const char *usage, int count, char *const *words)
{
    bool is_character = count > 0 && strcmp(words[0], "character") == 0;
    bool is_media = count > 0 && strcmp(words[0], "media") == 0;
    if (count > 0 && !is_character && !is_media) {
        return options_wrong(usage, "%s is neither character nor media", words[0]);
    }
    const char *what = count <= 0   ? "what, character or media,"
                       : count == 1 ? "CHARACTER"
                                    : "MEDIA";
    int need = is_media ? 3 : 2;
    return options_words(usage, what, need, need, count, words);
}

int made_perform(const char *usage, const char *method, const struct made_options *options,
                 int count, char **words)
{
    char path[sizeof "/api/v1/characters//media/" + 2 * ID_TEXT_SIZE];
    const struct client_request request = {.method = method, .path = path};
    struct session session;
    struct client_answer answer = {0};
    bool is_id;
    int code = EXIT_CODE_FAILED;
    if (!name_one(count, words, &is_id)) {
        return wrong_words(usage, count, words);
    }
    if (!is_id) {
        return EXIT_CODE_USAGE;
    }
    snprintf(path, sizeof path, "/api/v1/characters/%s%s%s", words[1], count == 3 ? "/media/" : "",
             count == 3 ? words[2] : "");
    if (session_open(&session, options->data, options->user) == STATUS_OK) {
        if (strcmp(method, "GET") == 0) {
            session_reach(&session, path);
        }
        code = session_perform(&session, &request, &answer);
    }
    if (code == EXIT_CODE_OK && options->json) {
        code = rows_print_json(answer.document);
    } else if (code == EXIT_CODE_OK) {
        print_made(&session, answer.document);
    }
    document_destroy(&answer.document);
    session_close(&session);
    return code;
}

int command_delete(int count, char **words)
{
    struct made_options options = {0};
    const struct option_rule rules[] = {
        {"--data", &options.data, NULL},
        {"--user", &options.user, NULL},
        {"--json", NULL, &options.json},
    };
    int others = options_take(count, words, rules, sizeof rules / sizeof rules[0]);
    return made_perform(usage_delete, "DELETE", &options, others, words);
}
