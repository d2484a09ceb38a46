/* `troupe characters` and `media`: lists of what a user's jobs made. */

#include <stdio.h>
#include <string.h>
#include "base/id.h"
#include "cli/command.h"
#include "cli/sheet.h"

enum {
    PATH_SIZE = sizeof "/api/v1/characters//media" + ID_TEXT_SIZE,
};

const char usage_characters[] =
    "usage: troupe characters [--limit 20] [--cursor CURSOR] [--json] [--user NAME]\n"
    "                         [--data DIR]\n"
    "The characters of a user, the newest first, each with the media entry of its\n"
    "portrait, from which videos are made. --limit is at most 100. When there are\n"
    "more it tells the cursor that goes on.\n";

const char usage_media[] =
    "usage: troupe media CHARACTER [--type image|video] [--limit 20]\n"
    "                    [--cursor CURSOR] [--json] [--user NAME] [--data DIR]\n"
    "The pictures and videos of a character, the newest first, with their addresses;\n"
    "to an admin also those of other users' characters. --limit is at most 100. When\n"
    "there are more it tells the cursor that goes on.\n";

/* ---- characters ---- */

static void put_character(struct table *table, const struct sheet_item *item)
{
    table_put(table, TABLE_PLAIN, "%s", sheet_text(item, "id"));
    table_put(table, TABLE_PLAIN, "%s", sheet_text(item, "name"));
    table_put(table, TABLE_PLAIN, "%s", sheet_text(item, "mediaId"));
    table_put(table, TABLE_PLAIN, "%s", sheet_text(item, "createdAt"));
}

int command_characters(int count, char **words)
{
    static const char *const names[] = {"CHARACTER", "NAME", "PORTRAIT", "CREATED", NULL};
    static const struct table_step steps[] = {
        {"CREATED", 19}, {"NAME", 24}, {"CREATED", 0}, {"PORTRAIT", 0}, {"NAME", 16}, {NULL, 0},
    };
    static const struct sheet sheet = {.list = "data",
                                       .names = names,
                                       .steps = steps,
                                       .put = put_character,
                                       .none = "there are no characters"};
    struct sheet_wish wish = {0};
    struct sheet_query query;
    struct session session;
    const struct option_rule rules[] = {
        {"--data", &wish.data, NULL},   {"--user", &wish.user, NULL},
        {"--limit", &wish.limit, NULL}, {"--cursor", &wish.cursor, NULL},
        {"--json", NULL, &wish.json},
    };
    int code = EXIT_CODE_FAILED;
    int others = options_take(count, words, rules, sizeof rules / sizeof rules[0]);
    if (others != 0) {
        return options_words(usage_characters, "", 0, 0, others, words);
    }
    if (!sheet_limit_is_good(&wish)) {
        return EXIT_CODE_USAGE;
    }
    sheet_query_init(&query, "/api/v1/characters");
    if (session_open(&session, wish.data, wish.user) == STATUS_OK) {
        code = sheet_print(&session, &wish, &query, &sheet);
    }
    session_close(&session);
    sheet_query_fini(&query);
    return code;
}

/* ---- media ---- */

static void put_media(struct table *table, const struct sheet_item *item)
{
    const char *pose = sheet_text(item, "poseId");
    const char *url = sheet_text(item, "url");
    table_put(table, TABLE_PLAIN, "%s", sheet_text(item, "id"));
    table_put(table, TABLE_PLAIN, "%s", sheet_text(item, "type"));
    table_put(table, TABLE_PLAIN, "%s", pose[0] == '\0' ? "-" : pose);
    table_put(table, TABLE_PLAIN, "%s", sheet_text(item, "createdAt"));
    table_put(table, TABLE_PLAIN, "%s%s", url[0] == '/' ? item->session->stack.url : "", url);
}

static int list_media(const struct sheet_wish *wish, const char *character, const char *type)
{
    static const char *const names[] = {"MEDIA", "TYPE", "POSE", "CREATED", "ADDRESS", NULL};
    static const struct table_step steps[] = {
        {"CREATED", 19},
        {"POSE", 0},
        {"CREATED", 0},
        {NULL, 0},
    };
    enum {
        BESIDE_STEPS = 3, /* an address goes below when nothing else can go */
    };
    static const struct sheet sheet = {.list = "data",
                                       .names = names,
                                       .steps = steps,
                                       .put = put_media,
                                       .beside_steps = BESIDE_STEPS,
                                       .none = "there are no such media entries"};
    char path[PATH_SIZE];
    struct sheet_query query;
    struct session session;
    int code = EXIT_CODE_FAILED;
    snprintf(path, sizeof path, "/api/v1/characters/%s", character);
    if (session_open(&session, wish->data, wish->user) == STATUS_OK) {
        session_reach(&session, path);
        snprintf(path, sizeof path, "/api/v1/characters/%s/media", character);
        sheet_query_init(&query, path);
        sheet_query_add(&query, "type", type);
        code = sheet_print(&session, wish, &query, &sheet);
        sheet_query_fini(&query);
    }
    session_close(&session);
    return code;
}

int command_media(int count, char **words)
{
    static const char *const types[] = {"image", "video", NULL};
    struct sheet_wish wish = {0};
    const char *type = NULL;
    const struct option_rule rules[] = {
        {"--data", &wish.data, NULL},   {"--user", &wish.user, NULL},
        {"--limit", &wish.limit, NULL}, {"--cursor", &wish.cursor, NULL},
        {"--type", &type, NULL},        {"--json", NULL, &wish.json},
    };
    int others = options_take(count, words, rules, sizeof rules / sizeof rules[0]);
    if (others != 1) {
        return options_words(usage_media, "CHARACTER", 1, 1, others, words);
    }
    bool is_good = sheet_limit_is_good(&wish) && session_is_id(words[0]) &&
                   (type == NULL || options_word("--type", type, types));
    return is_good ? list_media(&wish, words[0], type) : EXIT_CODE_USAGE;
}
