#include "gateway/stored_asset.h"

enum {
    EXTENSION_SIZE_MAX = STORED_NAME_SIZE_MAX - STORED_DIGITS_SIZE - 1,
};

#define PLACE "characters/"

static int digit_of(uint8_t byte)
{
    if (byte >= '0' && byte <= '9') {
        return byte - '0';
    }
    return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

bool stored_asset_random(struct slice name, struct id *random)
{
    if (name.size <= STORED_DIGITS_SIZE || name.data[STORED_DIGITS_SIZE] != '.') {
        return false;
    }
    for (size_t index = 0; index < ID_SIZE; index++) {
        int high = digit_of(name.data[2 * index]);
        int low = digit_of(name.data[2 * index + 1]);
        if (high < 0 || low < 0) {
            return false;
        }
        random->bytes[index] = (uint8_t)(high << 4 | low);
    }
    return true;
}

bool stored_asset_character(struct slice name, struct id *character)
{
    char text[ID_TEXT_SIZE];
    if (id_parse(name, character) != STATUS_OK) {
        return false;
    }
    id_format(character, text);
    return slice_equal(name, slice_from_string(text));
}

static bool is_extension(struct slice text)
{
    for (size_t index = 0; index < text.size; index++) {
        uint8_t byte = text.data[index];
        if (!(byte >= 'a' && byte <= 'z') && !(byte >= '0' && byte <= '9')) {
            return false;
        }
    }
    return text.size > 0 && text.size <= EXTENSION_SIZE_MAX;
}

void stored_asset_read(const struct id *character, struct slice name, struct stored_asset *out)
{
    size_t digits = STORED_DIGITS_SIZE + 1;
    *out = (struct stored_asset){.character = *character};
    if (!stored_asset_random(name, &out->random) ||
        !is_extension(slice_make(name.data + digits, name.size - digits))) {
        return;
    }
    memcpy(out->name, name.data, name.size);
    out->is_ours = true;
}

void stored_asset_read_key(struct slice key, struct stored_asset *out)
{
    struct id character;
    size_t place = sizeof(PLACE) - 1;
    size_t front = place + ID_TEXT_SIZE; /* with the slash behind the id */
    *out = (struct stored_asset){.is_ours = false};
    if (key.size > front && memcmp(key.data, PLACE, place) == 0 && key.data[front - 1] == '/' &&
        stored_asset_character(slice_make(key.data + place, ID_TEXT_SIZE - 1), &character)) {
        stored_asset_read(&character, slice_make(key.data + front, key.size - front), out);
    }
}
