#ifndef TROUPE_CLI_MEMBERS_H
#define TROUPE_CLI_MEMBERS_H

/*
 * The jobs of a batch or pipeline, as somebody would tell them apart: what is made, of whom, and
 * how far it is. Asks as an admin where the token is made here: only admins and viewers are told
 * the names that characters will have. Embedded by its owner.
 */

#include "base/id.h"
#include "cli/session.h"

enum {
    MEMBER_NAME_SIZE = 64, /* bytes, the NUL included; more is cut */
    MEMBER_LABEL_SIZE = MEMBER_NAME_SIZE + 16,
};

struct member {
    char job[ID_TEXT_SIZE];
    char type[16]; /* character, image, video */
    char status[16];
    char name[MEMBER_NAME_SIZE]; /* of its character; "" when nobody tells it */
    char character[ID_TEXT_SIZE];
    char error[256];
    int progress;
    struct buffer json; /* all that is told of it */
};

struct members {
    struct member *items; /* in the group's order */
    size_t count;
    size_t capacity;
};

/* Asks for them. Zeroed members are none. Returns an exit code of command.h, after a message unless
 * it is EXIT_CODE_OK; there may be some then, too. */
int members_load(struct session *session, const char *family, const char *group,
                 struct members *out);
void members_fini(struct members *members);

/* The one of a job's id; NULL when there is none. */
const struct member *members_find(const struct members *members, const char *job);

/* Writes what a job makes and of whom: "image Mira". */
void members_label(const struct member *member, char out[MEMBER_LABEL_SIZE]);

/* Prints a table of them. Returns an exit code. */
int members_print(const struct members *members);

/* Prints the answer about a group with them, indented, in `jobs`. Returns an exit code. */
int members_print_json(const struct members *members, const struct document *group);

#endif
