#include "actors/studio/prompt_words.h"
#include "actors/studio/spec.h"

struct color_word {
    const char *text;
    unsigned hex;
};

static const struct color_word HAIR_COLORS[] = {
    {"black", 0x211c26},      {"raven", 0x1b1a26},    {"dark", 0x2e2020},
    {"ebony", 0x1f1a1e},      {"brown", 0x5a3825},    {"brunette", 0x54341f},
    {"chestnut", 0x70402a},   {"auburn", 0x873a22},   {"red", 0xb0421f},
    {"redhead", 0xb0421f},    {"ginger", 0xcc6a2b},   {"copper", 0xb9602f},
    {"orange", 0xd9772e},     {"blonde", 0xdcb56e},   {"blond", 0xdcb56e},
    {"golden", 0xd9a548},     {"gold", 0xd9a548},     {"honey", 0xc08f4a},
    {"strawberry", 0xd99a6c}, {"platinum", 0xeadfca}, {"light", 0xcaa070},
    {"silver", 0xc6ccd8},     {"gray", 0x9a9ba3},     {"grey", 0x9a9ba3},
    {"graying", 0x8d8a8c},    {"greying", 0x8d8a8c},  {"white", 0xecebf0},
    {"pink", 0xe88fb0},       {"blue", 0x3f6fc4},     {"green", 0x3f8a5e},
    {"purple", 0x7448a8},     {"violet", 0x7a55b8},   {"teal", 0x2f8f92},
    {"turquoise", 0x3aa9a6},  {"sandy", 0xbf9862},
};

static const struct color_word EYE_COLORS[] = {
    {"brown", 0x7a4a24},   {"dark", 0x3d2718},   {"black", 0x2e2222}, {"hazel", 0x94763a},
    {"amber", 0xd08d24},   {"golden", 0xdba431}, {"gold", 0xdba431},  {"green", 0x4b9d5a},
    {"emerald", 0x1fa566}, {"blue", 0x3f8ad6},   {"light", 0x8fbfe0}, {"ice", 0xa5d8f0},
    {"icy", 0xa5d8f0},     {"gray", 0x8c9bab},   {"grey", 0x8c9bab},  {"silver", 0xb4c0cf},
    {"violet", 0x8a5fd0},  {"purple", 0x7f4fc0}, {"red", 0xc42f35},   {"sapphire", 0x2460c4},
    {"white", 0xd8e4ee},
};

static const struct color_word SKIN_COLORS[] = {
    {"porcelain", 0xf8dfd0}, {"pale", 0xf6dccb},    {"fair", 0xf3d0b8},   {"ivory", 0xf5dcc3},
    {"light", 0xf0c8ab},     {"white", 0xf6e3d8},   {"peach", 0xf2c3a2},  {"rosy", 0xf2bfa8},
    {"olive", 0xcf9d72},     {"tan", 0xd49b6c},     {"tanned", 0xcc9263}, {"golden", 0xdba772},
    {"bronze", 0xb4774a},    {"caramel", 0xb87d50}, {"copper", 0xb0703f}, {"brown", 0x8d5a3b},
    {"medium", 0xc58d62},    {"dark", 0x6f4530},    {"deep", 0x5d3828},   {"black", 0x523225},
    {"ebony", 0x4a2d22},     {"blue", 0x7fa6d8},    {"green", 0x86b37a},  {"purple", 0xa58acb},
    {"lavender", 0xb9a5d8},  {"gray", 0xa9adb6},    {"grey", 0xa9adb6},   {"silver", 0xb9c1cc},
    {"red", 0xc2604f},       {"teal", 0x6fb0ac},
};

static const struct color_word COLORS[] = {
    {"black", 0x24222b},   {"charcoal", 0x36363f}, {"dark", 0x2f303c},      {"gray", 0x7b7f8a},
    {"grey", 0x7b7f8a},    {"silver", 0xb8c0cc},   {"white", 0xf1eee8},     {"cream", 0xf0e4cc},
    {"ivory", 0xf2e9d8},   {"beige", 0xd9c5a3},    {"sand", 0xd4b98c},      {"tan", 0xc79f6b},
    {"brown", 0x6e4a32},   {"leather", 0x6b4329},  {"chocolate", 0x4d3023}, {"rust", 0xa5502c},
    {"orange", 0xe07f2e},  {"amber", 0xdb9a2e},    {"gold", 0xcf9f3c},      {"golden", 0xcf9f3c},
    {"mustard", 0xc99a2b}, {"yellow", 0xe8c33f},   {"lemon", 0xf0d95a},     {"lime", 0x9cc43c},
    {"olive", 0x77793b},   {"green", 0x3f7d4f},    {"emerald", 0x1f8a5b},   {"forest", 0x2d5b3c},
    {"mint", 0x9ed8bb},    {"sage", 0x93a98a},     {"teal", 0x1f7a7c},      {"turquoise", 0x38b0ac},
    {"cyan", 0x35b5cf},    {"aqua", 0x5cc4cc},     {"blue", 0x2f62b0},      {"sky", 0x79b4e0},
    {"azure", 0x4a95da},   {"navy", 0x22305c},     {"indigo", 0x3d3a86},    {"sapphire", 0x2451a3},
    {"violet", 0x7450b5},  {"purple", 0x6b3f98},   {"lavender", 0xb29bd8},  {"lilac", 0xbfa3d6},
    {"plum", 0x6b2f5b},    {"magenta", 0xc03a8c},  {"pink", 0xe58aa8},      {"rose", 0xd96a82},
    {"coral", 0xee7c62},   {"salmon", 0xee9178},   {"peach", 0xf2b48c},     {"red", 0xb9302f},
    {"scarlet", 0xcc2c26}, {"crimson", 0xa81f35},  {"maroon", 0x6f2231},    {"burgundy", 0x6d2036},
    {"wine", 0x6d2036},    {"copper", 0xb3693a},   {"bronze", 0x97693a},    {"khaki", 0xa89a6a},
};

#define TABLE_SIZE(table) (sizeof(table) / sizeof((table)[0]))

static bool table_find(const struct color_word *table, size_t count, const char *word,
                       unsigned *hex_out)
{
    for (size_t index = 0; index < count; index++) {
        if (strcmp(table[index].text, word) == 0) {
            *hex_out = table[index].hex;
            return true;
        }
    }
    return false;
}

static bool hex_digits(const char *text, unsigned *hex_out)
{
    unsigned value = 0;
    for (size_t index = 0; index < 6; index++) {
        char digit = text[index];
        bool decimal = digit >= '0' && digit <= '9';
        bool letter = digit >= 'a' && digit <= 'f';
        if (!decimal && !letter) {
            return false;
        }
        value = value << 4 | (unsigned)(decimal ? digit - '0' : digit - 'a' + 10);
    }
    *hex_out = value;
    return text[6] == '\0';
}

static bool section_find(const char *word, enum section section, unsigned *hex_out)
{
    if (section == SECTION_HAIR) {
        return table_find(HAIR_COLORS, TABLE_SIZE(HAIR_COLORS), word, hex_out);
    }
    if (section == SECTION_EYES) {
        return table_find(EYE_COLORS, TABLE_SIZE(EYE_COLORS), word, hex_out);
    }
    if (section == SECTION_SKIN) {
        return table_find(SKIN_COLORS, TABLE_SIZE(SKIN_COLORS), word, hex_out);
    }
    return false;
}

bool word_color(const char *word, enum section section, unsigned *hex_out)
{
    if (word[0] == '#') {
        return hex_digits(word + 1, hex_out);
    }
    return section_find(word, section, hex_out) ||
           table_find(COLORS, TABLE_SIZE(COLORS), word, hex_out);
}

bool word_describes_hair(const char *word)
{
    for (size_t index = 0; index < WORDS_COUNT; index++) {
        if (WORDS[index].section == SECTION_HAIR && strcmp(WORDS[index].text, word) == 0) {
            return true;
        }
    }
    return false;
}

const struct word WORDS[] = {
    {"female", WORD_GENDER, GENDER_FEMININE, SECTION_NONE},
    {"feminine", WORD_GENDER, GENDER_FEMININE, SECTION_NONE},
    {"woman", WORD_GENDER, GENDER_FEMININE, SECTION_NONE},
    {"girl", WORD_GENDER, GENDER_FEMININE, SECTION_NONE},
    {"lady", WORD_GENDER, GENDER_FEMININE, SECTION_NONE},
    {"she", WORD_GENDER, GENDER_FEMININE, SECTION_NONE},
    {"her", WORD_GENDER, GENDER_FEMININE, SECTION_NONE},
    {"queen", WORD_GENDER, GENDER_FEMININE, SECTION_NONE},
    {"princess", WORD_GENDER, GENDER_FEMININE, SECTION_NONE},
    {"witch", WORD_GENDER, GENDER_FEMININE, SECTION_NONE},
    {"grandmother", WORD_GENDER, GENDER_FEMININE, SECTION_NONE},
    {"male", WORD_GENDER, GENDER_MASCULINE, SECTION_NONE},
    {"masculine", WORD_GENDER, GENDER_MASCULINE, SECTION_NONE},
    {"man", WORD_GENDER, GENDER_MASCULINE, SECTION_NONE},
    {"boy", WORD_GENDER, GENDER_MASCULINE, SECTION_NONE},
    {"guy", WORD_GENDER, GENDER_MASCULINE, SECTION_NONE},
    {"he", WORD_GENDER, GENDER_MASCULINE, SECTION_NONE},
    {"his", WORD_GENDER, GENDER_MASCULINE, SECTION_NONE},
    {"king", WORD_GENDER, GENDER_MASCULINE, SECTION_NONE},
    {"prince", WORD_GENDER, GENDER_MASCULINE, SECTION_NONE},
    {"wizard", WORD_GENDER, GENDER_MASCULINE, SECTION_NONE},
    {"grandfather", WORD_GENDER, GENDER_MASCULINE, SECTION_NONE},
    {"nonbinary", WORD_GENDER, GENDER_NEUTRAL, SECTION_NONE},
    {"androgynous", WORD_GENDER, GENDER_NEUTRAL, SECTION_NONE},
    {"neutral", WORD_GENDER, GENDER_NEUTRAL, SECTION_GENDER},
    {"f", WORD_GENDER, GENDER_FEMININE, SECTION_GENDER},
    {"m", WORD_GENDER, GENDER_MASCULINE, SECTION_GENDER},

    {"child", WORD_AGE, 9, SECTION_NONE},
    {"kid", WORD_AGE, 9, SECTION_NONE},
    {"girl", WORD_AGE, 15, SECTION_NONE},
    {"boy", WORD_AGE, 14, SECTION_NONE},
    {"teen", WORD_AGE, 16, SECTION_NONE},
    {"teenager", WORD_AGE, 16, SECTION_NONE},
    {"teenage", WORD_AGE, 16, SECTION_NONE},
    {"young", WORD_AGE, 22, SECTION_NONE},
    {"adult", WORD_AGE, 32, SECTION_NONE},
    {"middle", WORD_AGE, 48, SECTION_AGE},
    {"aged", WORD_AGE, 50, SECTION_NONE},
    {"mature", WORD_AGE, 48, SECTION_NONE},
    {"old", WORD_AGE, 70, SECTION_NONE},
    {"elderly", WORD_AGE, 76, SECTION_NONE},
    {"ancient", WORD_AGE, 84, SECTION_NONE},
    {"grandmother", WORD_AGE, 74, SECTION_NONE},
    {"grandfather", WORD_AGE, 74, SECTION_NONE},

    {"neutral", WORD_MOOD, MOOD_NEUTRAL, SECTION_MOOD},
    {"stoic", WORD_MOOD, MOOD_NEUTRAL, SECTION_NONE},
    {"happy", WORD_MOOD, MOOD_HAPPY, SECTION_NONE},
    {"cheerful", WORD_MOOD, MOOD_HAPPY, SECTION_NONE},
    {"smiling", WORD_MOOD, MOOD_HAPPY, SECTION_NONE},
    {"smile", WORD_MOOD, MOOD_HAPPY, SECTION_NONE},
    {"warm", WORD_MOOD, MOOD_HAPPY, SECTION_MOOD},
    {"friendly", WORD_MOOD, MOOD_HAPPY, SECTION_NONE},
    {"kind", WORD_MOOD, MOOD_HAPPY, SECTION_NONE},
    {"content", WORD_MOOD, MOOD_HAPPY, SECTION_MOOD},
    {"hopeful", WORD_MOOD, MOOD_HAPPY, SECTION_NONE},
    {"optimistic", WORD_MOOD, MOOD_HAPPY, SECTION_NONE},
    {"joyful", WORD_MOOD, MOOD_JOYFUL, SECTION_NONE},
    {"joyous", WORD_MOOD, MOOD_JOYFUL, SECTION_NONE},
    {"laughing", WORD_MOOD, MOOD_JOYFUL, SECTION_NONE},
    {"excited", WORD_MOOD, MOOD_JOYFUL, SECTION_NONE},
    {"ecstatic", WORD_MOOD, MOOD_JOYFUL, SECTION_NONE},
    {"grinning", WORD_MOOD, MOOD_JOYFUL, SECTION_NONE},
    {"exuberant", WORD_MOOD, MOOD_JOYFUL, SECTION_NONE},
    {"sad", WORD_MOOD, MOOD_SAD, SECTION_NONE},
    {"melancholy", WORD_MOOD, MOOD_SAD, SECTION_NONE},
    {"melancholic", WORD_MOOD, MOOD_SAD, SECTION_NONE},
    {"sorrowful", WORD_MOOD, MOOD_SAD, SECTION_NONE},
    {"gloomy", WORD_MOOD, MOOD_SAD, SECTION_NONE},
    {"lonely", WORD_MOOD, MOOD_SAD, SECTION_NONE},
    {"wistful", WORD_MOOD, MOOD_SAD, SECTION_NONE},
    {"worried", WORD_MOOD, MOOD_SAD, SECTION_NONE},
    {"angry", WORD_MOOD, MOOD_ANGRY, SECTION_NONE},
    {"furious", WORD_MOOD, MOOD_ANGRY, SECTION_NONE},
    {"grumpy", WORD_MOOD, MOOD_ANGRY, SECTION_NONE},
    {"irritated", WORD_MOOD, MOOD_ANGRY, SECTION_NONE},
    {"surprised", WORD_MOOD, MOOD_SURPRISED, SECTION_NONE},
    {"astonished", WORD_MOOD, MOOD_SURPRISED, SECTION_NONE},
    {"shocked", WORD_MOOD, MOOD_SURPRISED, SECTION_NONE},
    {"amazed", WORD_MOOD, MOOD_SURPRISED, SECTION_NONE},
    {"afraid", WORD_MOOD, MOOD_SURPRISED, SECTION_NONE},
    {"scared", WORD_MOOD, MOOD_SURPRISED, SECTION_NONE},
    {"curious", WORD_MOOD, MOOD_SURPRISED, SECTION_MOOD},
    {"determined", WORD_MOOD, MOOD_DETERMINED, SECTION_NONE},
    {"serious", WORD_MOOD, MOOD_DETERMINED, SECTION_NONE},
    {"fierce", WORD_MOOD, MOOD_DETERMINED, SECTION_NONE},
    {"brave", WORD_MOOD, MOOD_DETERMINED, SECTION_NONE},
    {"confident", WORD_MOOD, MOOD_DETERMINED, SECTION_NONE},
    {"focused", WORD_MOOD, MOOD_DETERMINED, SECTION_NONE},
    {"stern", WORD_MOOD, MOOD_DETERMINED, SECTION_NONE},
    {"intense", WORD_MOOD, MOOD_DETERMINED, SECTION_MOOD},
    {"proud", WORD_MOOD, MOOD_DETERMINED, SECTION_NONE},
    {"calm", WORD_MOOD, MOOD_CALM, SECTION_NONE},
    {"serene", WORD_MOOD, MOOD_CALM, SECTION_NONE},
    {"peaceful", WORD_MOOD, MOOD_CALM, SECTION_NONE},
    {"relaxed", WORD_MOOD, MOOD_CALM, SECTION_NONE},
    {"dreamy", WORD_MOOD, MOOD_CALM, SECTION_NONE},
    {"thoughtful", WORD_MOOD, MOOD_CALM, SECTION_NONE},
    {"wise", WORD_MOOD, MOOD_CALM, SECTION_NONE},
    {"gentle", WORD_MOOD, MOOD_CALM, SECTION_NONE},
    {"sly", WORD_MOOD, MOOD_SLY, SECTION_NONE},
    {"smirking", WORD_MOOD, MOOD_SLY, SECTION_NONE},
    {"smirk", WORD_MOOD, MOOD_SLY, SECTION_NONE},
    {"mischievous", WORD_MOOD, MOOD_SLY, SECTION_NONE},
    {"playful", WORD_MOOD, MOOD_SLY, SECTION_NONE},
    {"mysterious", WORD_MOOD, MOOD_SLY, SECTION_NONE},
    {"cunning", WORD_MOOD, MOOD_SLY, SECTION_NONE},
    {"sarcastic", WORD_MOOD, MOOD_SLY, SECTION_NONE},
    {"witty", WORD_MOOD, MOOD_SLY, SECTION_NONE},
    {"shy", WORD_MOOD, MOOD_SHY, SECTION_NONE},
    {"bashful", WORD_MOOD, MOOD_SHY, SECTION_NONE},
    {"timid", WORD_MOOD, MOOD_SHY, SECTION_NONE},
    {"embarrassed", WORD_MOOD, MOOD_SHY, SECTION_NONE},
    {"blushing", WORD_MOOD, MOOD_SHY, SECTION_NONE},

    {"front", WORD_POSE, POSE_FRONT, SECTION_NONE},
    {"frontal", WORD_POSE, POSE_FRONT, SECTION_NONE},
    {"standing", WORD_POSE, POSE_FRONT, SECTION_POSE},
    {"quarter", WORD_POSE, POSE_TURNED_RIGHT, SECTION_NONE},
    {"profile", WORD_POSE, POSE_TURNED_RIGHT, SECTION_NONE},
    {"side", WORD_POSE, POSE_TURNED_RIGHT, SECTION_POSE},
    {"shoulder", WORD_POSE, POSE_TURNED_RIGHT, SECTION_POSE},
    {"right", WORD_POSE, POSE_TURNED_RIGHT, SECTION_POSE},
    {"left", WORD_POSE, POSE_TURNED_LEFT, SECTION_POSE},
    {"up", WORD_POSE, POSE_LOOKING_UP, SECTION_POSE},
    {"upward", WORD_POSE, POSE_LOOKING_UP, SECTION_POSE},
    {"upwards", WORD_POSE, POSE_LOOKING_UP, SECTION_POSE},
    {"heroic", WORD_POSE, POSE_LOOKING_UP, SECTION_POSE},
    {"down", WORD_POSE, POSE_LOOKING_DOWN, SECTION_POSE},
    {"downward", WORD_POSE, POSE_LOOKING_DOWN, SECTION_POSE},
    {"downwards", WORD_POSE, POSE_LOOKING_DOWN, SECTION_POSE},
    {"reading", WORD_POSE, POSE_LOOKING_DOWN, SECTION_POSE},
    {"tilted", WORD_POSE, POSE_TILTED, SECTION_NONE},
    {"tilt", WORD_POSE, POSE_TILTED, SECTION_NONE},
    {"leaning", WORD_POSE, POSE_TILTED, SECTION_POSE},

    {"illustration", WORD_STYLE, STYLE_ILLUSTRATION, SECTION_NONE},
    {"realistic", WORD_STYLE, STYLE_ILLUSTRATION, SECTION_STYLE},
    {"photorealistic", WORD_STYLE, STYLE_ILLUSTRATION, SECTION_STYLE},
    {"cinematic", WORD_STYLE, STYLE_ILLUSTRATION, SECTION_STYLE},
    {"fantasy", WORD_STYLE, STYLE_PAINTERLY, SECTION_STYLE},
    {"painterly", WORD_STYLE, STYLE_PAINTERLY, SECTION_NONE},
    {"painting", WORD_STYLE, STYLE_PAINTERLY, SECTION_NONE},
    {"oil", WORD_STYLE, STYLE_PAINTERLY, SECTION_STYLE},
    {"impressionist", WORD_STYLE, STYLE_PAINTERLY, SECTION_NONE},
    {"anime", WORD_STYLE, STYLE_ANIME, SECTION_NONE},
    {"manga", WORD_STYLE, STYLE_ANIME, SECTION_NONE},
    {"cartoon", WORD_STYLE, STYLE_ANIME, SECTION_NONE},
    {"comic", WORD_STYLE, STYLE_ANIME, SECTION_NONE},
    {"watercolor", WORD_STYLE, STYLE_WATERCOLOR, SECTION_NONE},
    {"watercolour", WORD_STYLE, STYLE_WATERCOLOR, SECTION_NONE},
    {"noir", WORD_STYLE, STYLE_NOIR, SECTION_NONE},
    {"monochrome", WORD_STYLE, STYLE_NOIR, SECTION_NONE},
    {"neon", WORD_STYLE, STYLE_NEON, SECTION_NONE},
    {"cyberpunk", WORD_STYLE, STYLE_NEON, SECTION_NONE},
    {"synthwave", WORD_STYLE, STYLE_NEON, SECTION_NONE},
    {"futuristic", WORD_STYLE, STYLE_NEON, SECTION_STYLE},
    {"pastel", WORD_STYLE, STYLE_PASTEL, SECTION_NONE},
    {"soft", WORD_STYLE, STYLE_PASTEL, SECTION_STYLE},
    {"storybook", WORD_STYLE, STYLE_PASTEL, SECTION_NONE},
    {"pixel", WORD_STYLE, STYLE_PIXEL, SECTION_NONE},
    {"retro", WORD_STYLE, STYLE_PIXEL, SECTION_STYLE},

    {"studio", WORD_SCENE, SCENE_STUDIO, SECTION_BACKGROUND},
    {"plain", WORD_SCENE, SCENE_STUDIO, SECTION_BACKGROUND},
    {"simple", WORD_SCENE, SCENE_STUDIO, SECTION_BACKGROUND},
    {"gradient", WORD_SCENE, SCENE_STUDIO, SECTION_NONE},
    {"bokeh", WORD_SCENE, SCENE_BOKEH, SECTION_NONE},
    {"lights", WORD_SCENE, SCENE_BOKEH, SECTION_BACKGROUND},
    {"tavern", WORD_SCENE, SCENE_FIRE, SECTION_BACKGROUND},
    {"library", WORD_SCENE, SCENE_BOKEH, SECTION_BACKGROUND},
    {"cafe", WORD_SCENE, SCENE_BOKEH, SECTION_BACKGROUND},
    {"forest", WORD_SCENE, SCENE_FOREST, SECTION_BACKGROUND},
    {"woods", WORD_SCENE, SCENE_FOREST, SECTION_NONE},
    {"jungle", WORD_SCENE, SCENE_FOREST, SECTION_NONE},
    {"garden", WORD_SCENE, SCENE_FOREST, SECTION_NONE},
    {"meadow", WORD_SCENE, SCENE_FOREST, SECTION_NONE},
    {"sea", WORD_SCENE, SCENE_SEA, SECTION_BACKGROUND},
    {"ocean", WORD_SCENE, SCENE_SEA, SECTION_BACKGROUND},
    {"beach", WORD_SCENE, SCENE_SEA, SECTION_NONE},
    {"harbor", WORD_SCENE, SCENE_SEA, SECTION_NONE},
    {"harbour", WORD_SCENE, SCENE_SEA, SECTION_NONE},
    {"lake", WORD_SCENE, SCENE_SEA, SECTION_BACKGROUND},
    {"underwater", WORD_SCENE, SCENE_SEA, SECTION_NONE},
    {"mountain", WORD_SCENE, SCENE_MOUNTAINS, SECTION_NONE},
    {"mountains", WORD_SCENE, SCENE_MOUNTAINS, SECTION_NONE},
    {"sunset", WORD_SCENE, SCENE_MOUNTAINS, SECTION_NONE},
    {"sunrise", WORD_SCENE, SCENE_MOUNTAINS, SECTION_NONE},
    {"hills", WORD_SCENE, SCENE_MOUNTAINS, SECTION_NONE},
    {"castle", WORD_SCENE, SCENE_MOUNTAINS, SECTION_BACKGROUND},
    {"city", WORD_SCENE, SCENE_CITY, SECTION_BACKGROUND},
    {"street", WORD_SCENE, SCENE_CITY, SECTION_BACKGROUND},
    {"skyline", WORD_SCENE, SCENE_CITY, SECTION_NONE},
    {"rooftop", WORD_SCENE, SCENE_CITY, SECTION_NONE},
    {"space", WORD_SCENE, SCENE_STARS, SECTION_BACKGROUND},
    {"stars", WORD_SCENE, SCENE_STARS, SECTION_BACKGROUND},
    {"starry", WORD_SCENE, SCENE_STARS, SECTION_NONE},
    {"galaxy", WORD_SCENE, SCENE_STARS, SECTION_NONE},
    {"nebula", WORD_SCENE, SCENE_STARS, SECTION_NONE},
    {"snow", WORD_SCENE, SCENE_SNOW, SECTION_BACKGROUND},
    {"snowy", WORD_SCENE, SCENE_SNOW, SECTION_NONE},
    {"winter", WORD_SCENE, SCENE_SNOW, SECTION_BACKGROUND},
    {"ice", WORD_SCENE, SCENE_SNOW, SECTION_BACKGROUND},
    {"desert", WORD_SCENE, SCENE_DESERT, SECTION_BACKGROUND},
    {"dunes", WORD_SCENE, SCENE_DESERT, SECTION_NONE},
    {"fire", WORD_SCENE, SCENE_FIRE, SECTION_BACKGROUND},
    {"forge", WORD_SCENE, SCENE_FIRE, SECTION_BACKGROUND},
    {"volcano", WORD_SCENE, SCENE_FIRE, SECTION_NONE},
    {"embers", WORD_SCENE, SCENE_FIRE, SECTION_NONE},
    {"night", WORD_NIGHT, 1, SECTION_NONE},
    {"moonlit", WORD_NIGHT, 1, SECTION_NONE},
    {"moonlight", WORD_NIGHT, 1, SECTION_NONE},
    {"midnight", WORD_NIGHT, 1, SECTION_BACKGROUND},
    {"dusk", WORD_NIGHT, 1, SECTION_BACKGROUND},
    {"day", WORD_NIGHT, 0, SECTION_BACKGROUND},

    {"bald", WORD_HAIR_LENGTH, HAIR_LENGTH_BALD, SECTION_NONE},
    {"hairless", WORD_HAIR_LENGTH, HAIR_LENGTH_BALD, SECTION_NONE},
    {"none", WORD_HAIR_LENGTH, HAIR_LENGTH_BALD, SECTION_HAIR},
    {"shaved", WORD_HAIR_LENGTH, HAIR_LENGTH_SHAVED, SECTION_HAIR},
    {"buzz", WORD_HAIR_LENGTH, HAIR_LENGTH_SHAVED, SECTION_NONE},
    {"buzzed", WORD_HAIR_LENGTH, HAIR_LENGTH_SHAVED, SECTION_HAIR},
    {"buzzcut", WORD_HAIR_LENGTH, HAIR_LENGTH_SHAVED, SECTION_NONE},
    {"short", WORD_HAIR_LENGTH, HAIR_LENGTH_SHORT, SECTION_HAIR},
    {"cropped", WORD_HAIR_LENGTH, HAIR_LENGTH_SHORT, SECTION_HAIR},
    {"pixie", WORD_HAIR_LENGTH, HAIR_LENGTH_SHORT, SECTION_HAIR},
    {"undercut", WORD_HAIR_LENGTH, HAIR_LENGTH_SHORT, SECTION_NONE},
    {"bob", WORD_HAIR_LENGTH, HAIR_LENGTH_MEDIUM, SECTION_HAIR},
    {"medium", WORD_HAIR_LENGTH, HAIR_LENGTH_MEDIUM, SECTION_HAIR},
    {"shoulder", WORD_HAIR_LENGTH, HAIR_LENGTH_MEDIUM, SECTION_HAIR},
    {"chin", WORD_HAIR_LENGTH, HAIR_LENGTH_MEDIUM, SECTION_HAIR},
    {"long", WORD_HAIR_LENGTH, HAIR_LENGTH_LONG, SECTION_HAIR},
    {"flowing", WORD_HAIR_LENGTH, HAIR_LENGTH_LONG, SECTION_HAIR},
    {"waist", WORD_HAIR_LENGTH, HAIR_LENGTH_LONG, SECTION_HAIR},
    {"straight", WORD_HAIR_TEXTURE, HAIR_TEXTURE_STRAIGHT, SECTION_HAIR},
    {"sleek", WORD_HAIR_TEXTURE, HAIR_TEXTURE_STRAIGHT, SECTION_HAIR},
    {"wavy", WORD_HAIR_TEXTURE, HAIR_TEXTURE_WAVY, SECTION_HAIR},
    {"waves", WORD_HAIR_TEXTURE, HAIR_TEXTURE_WAVY, SECTION_HAIR},
    {"wild", WORD_HAIR_TEXTURE, HAIR_TEXTURE_WAVY, SECTION_HAIR},
    {"messy", WORD_HAIR_TEXTURE, HAIR_TEXTURE_WAVY, SECTION_HAIR},
    {"tousled", WORD_HAIR_TEXTURE, HAIR_TEXTURE_WAVY, SECTION_HAIR},
    {"windswept", WORD_HAIR_TEXTURE, HAIR_TEXTURE_WAVY, SECTION_HAIR},
    {"curly", WORD_HAIR_TEXTURE, HAIR_TEXTURE_CURLY, SECTION_NONE},
    {"curls", WORD_HAIR_TEXTURE, HAIR_TEXTURE_CURLY, SECTION_NONE},
    {"ringlets", WORD_HAIR_TEXTURE, HAIR_TEXTURE_CURLY, SECTION_NONE},
    {"afro", WORD_HAIR_TEXTURE, HAIR_TEXTURE_COILY, SECTION_NONE},
    {"coily", WORD_HAIR_TEXTURE, HAIR_TEXTURE_COILY, SECTION_NONE},
    {"kinky", WORD_HAIR_TEXTURE, HAIR_TEXTURE_COILY, SECTION_HAIR},
    {"loose", WORD_HAIR_ARRANGEMENT, HAIR_LOOSE, SECTION_HAIR},
    {"swept", WORD_HAIR_ARRANGEMENT, HAIR_SWEPT, SECTION_HAIR},
    {"parted", WORD_HAIR_ARRANGEMENT, HAIR_SWEPT, SECTION_HAIR},
    {"undercut", WORD_HAIR_ARRANGEMENT, HAIR_SWEPT, SECTION_NONE},
    {"slicked", WORD_HAIR_ARRANGEMENT, HAIR_SLICKED, SECTION_NONE},
    {"combed", WORD_HAIR_ARRANGEMENT, HAIR_SLICKED, SECTION_HAIR},
    {"spiky", WORD_HAIR_ARRANGEMENT, HAIR_SPIKY, SECTION_NONE},
    {"spiked", WORD_HAIR_ARRANGEMENT, HAIR_SPIKY, SECTION_HAIR},
    {"mohawk", WORD_HAIR_ARRANGEMENT, HAIR_MOHAWK, SECTION_NONE},
    {"ponytail", WORD_HAIR_ARRANGEMENT, HAIR_PONYTAIL, SECTION_NONE},
    {"pony", WORD_HAIR_ARRANGEMENT, HAIR_PONYTAIL, SECTION_HAIR},
    {"bun", WORD_HAIR_ARRANGEMENT, HAIR_BUN, SECTION_HAIR},
    {"topknot", WORD_HAIR_ARRANGEMENT, HAIR_BUN, SECTION_NONE},
    {"updo", WORD_HAIR_ARRANGEMENT, HAIR_BUN, SECTION_NONE},
    {"braid", WORD_HAIR_ARRANGEMENT, HAIR_BRAIDS, SECTION_NONE},
    {"braids", WORD_HAIR_ARRANGEMENT, HAIR_BRAIDS, SECTION_NONE},
    {"braided", WORD_HAIR_ARRANGEMENT, HAIR_BRAIDS, SECTION_NONE},
    {"plaits", WORD_HAIR_ARRANGEMENT, HAIR_BRAIDS, SECTION_NONE},
    {"dreadlocks", WORD_HAIR_ARRANGEMENT, HAIR_BRAIDS, SECTION_NONE},
    {"bangs", WORD_HAIR_BANGS, 1, SECTION_NONE},
    {"fringe", WORD_HAIR_BANGS, 1, SECTION_HAIR},

    {"shirt", WORD_GARMENT, GARMENT_SHIRT, SECTION_NONE},
    {"blouse", WORD_GARMENT, GARMENT_SHIRT, SECTION_NONE},
    {"uniform", WORD_GARMENT, GARMENT_SHIRT, SECTION_NONE},
    {"tee", WORD_GARMENT, GARMENT_TEE, SECTION_NONE},
    {"tshirt", WORD_GARMENT, GARMENT_TEE, SECTION_NONE},
    {"tunic", WORD_GARMENT, GARMENT_TEE, SECTION_NONE},
    {"tank", WORD_GARMENT, GARMENT_TEE, SECTION_CLOTHING},
    {"sweater", WORD_GARMENT, GARMENT_SWEATER, SECTION_NONE},
    {"turtleneck", WORD_GARMENT, GARMENT_SWEATER, SECTION_NONE},
    {"jumper", WORD_GARMENT, GARMENT_SWEATER, SECTION_NONE},
    {"pullover", WORD_GARMENT, GARMENT_SWEATER, SECTION_NONE},
    {"cardigan", WORD_GARMENT, GARMENT_SWEATER, SECTION_NONE},
    {"hoodie", WORD_GARMENT, GARMENT_HOODIE, SECTION_NONE},
    {"sweatshirt", WORD_GARMENT, GARMENT_HOODIE, SECTION_NONE},
    {"coat", WORD_GARMENT, GARMENT_COAT, SECTION_NONE},
    {"overcoat", WORD_GARMENT, GARMENT_COAT, SECTION_NONE},
    {"trenchcoat", WORD_GARMENT, GARMENT_COAT, SECTION_NONE},
    {"jacket", WORD_GARMENT, GARMENT_COAT, SECTION_NONE},
    {"blazer", WORD_GARMENT, GARMENT_COAT, SECTION_NONE},
    {"suit", WORD_GARMENT, GARMENT_SUIT, SECTION_NONE},
    {"tuxedo", WORD_GARMENT, GARMENT_SUIT, SECTION_NONE},
    {"dress", WORD_GARMENT, GARMENT_DRESS, SECTION_NONE},
    {"gown", WORD_GARMENT, GARMENT_DRESS, SECTION_NONE},
    {"robe", WORD_GARMENT, GARMENT_ROBE, SECTION_NONE},
    {"robes", WORD_GARMENT, GARMENT_ROBE, SECTION_NONE},
    {"kimono", WORD_GARMENT, GARMENT_ROBE, SECTION_NONE},
    {"cloak", WORD_GARMENT, GARMENT_ROBE, SECTION_NONE},
    {"cape", WORD_GARMENT, GARMENT_ROBE, SECTION_NONE},
    {"armor", WORD_GARMENT, GARMENT_ARMOR, SECTION_NONE},
    {"armour", WORD_GARMENT, GARMENT_ARMOR, SECTION_NONE},
    {"breastplate", WORD_GARMENT, GARMENT_ARMOR, SECTION_NONE},
    {"mail", WORD_GARMENT, GARMENT_ARMOR, SECTION_CLOTHING},

    {"scarf", WORD_ACCESSORY, ACCESSORY_SCARF, SECTION_NONE},
    {"shawl", WORD_ACCESSORY, ACCESSORY_SCARF, SECTION_NONE},
    {"hat", WORD_ACCESSORY, ACCESSORY_HAT, SECTION_NONE},
    {"fedora", WORD_ACCESSORY, ACCESSORY_HAT, SECTION_NONE},
    {"hood", WORD_ACCESSORY, ACCESSORY_HOOD, SECTION_NONE},
    {"hooded", WORD_ACCESSORY, ACCESSORY_HOOD, SECTION_NONE},
    {"crown", WORD_ACCESSORY, ACCESSORY_CROWN, SECTION_NONE},
    {"tiara", WORD_ACCESSORY, ACCESSORY_CROWN, SECTION_NONE},
    {"circlet", WORD_ACCESSORY, ACCESSORY_CROWN, SECTION_NONE},
    {"horns", WORD_ACCESSORY, ACCESSORY_HORNS, SECTION_NONE},
    {"horned", WORD_ACCESSORY, ACCESSORY_HORNS, SECTION_NONE},
    {"demon", WORD_ACCESSORY, ACCESSORY_HORNS, SECTION_NONE},
    {"tiefling", WORD_ACCESSORY, ACCESSORY_HORNS, SECTION_NONE},
    {"glasses", WORD_ACCESSORY, ACCESSORY_GLASSES, SECTION_NONE},
    {"spectacles", WORD_ACCESSORY, ACCESSORY_GLASSES, SECTION_NONE},
    {"earring", WORD_ACCESSORY, ACCESSORY_EARRINGS, SECTION_NONE},
    {"earrings", WORD_ACCESSORY, ACCESSORY_EARRINGS, SECTION_NONE},
    {"necklace", WORD_ACCESSORY, ACCESSORY_NECKLACE, SECTION_NONE},
    {"pendant", WORD_ACCESSORY, ACCESSORY_NECKLACE, SECTION_NONE},
    {"amulet", WORD_ACCESSORY, ACCESSORY_NECKLACE, SECTION_NONE},
    {"flower", WORD_ACCESSORY, ACCESSORY_FLOWER, SECTION_NONE},
    {"flowers", WORD_ACCESSORY, ACCESSORY_FLOWER, SECTION_HAIR},
    {"freckles", WORD_ACCESSORY, ACCESSORY_FRECKLES, SECTION_NONE},
    {"freckled", WORD_ACCESSORY, ACCESSORY_FRECKLES, SECTION_NONE},
    {"scar", WORD_ACCESSORY, ACCESSORY_SCAR, SECTION_NONE},
    {"scarred", WORD_ACCESSORY, ACCESSORY_SCAR, SECTION_NONE},
    {"beard", WORD_ACCESSORY, ACCESSORY_BEARD, SECTION_NONE},
    {"bearded", WORD_ACCESSORY, ACCESSORY_BEARD, SECTION_NONE},
    {"moustache", WORD_ACCESSORY, ACCESSORY_MOUSTACHE, SECTION_NONE},
    {"mustache", WORD_ACCESSORY, ACCESSORY_MOUSTACHE, SECTION_NONE},
    {"waistcoat", WORD_ACCESSORY, ACCESSORY_INNER, SECTION_NONE},
    {"vest", WORD_ACCESSORY, ACCESSORY_INNER, SECTION_NONE},
    {"tie", WORD_ACCESSORY, ACCESSORY_INNER, SECTION_CLOTHING},
    {"trim", WORD_ACCESSORY, ACCESSORY_INNER, SECTION_CLOTHING},
    {"trimmings", WORD_ACCESSORY, ACCESSORY_INNER, SECTION_CLOTHING},
    {"lining", WORD_ACCESSORY, ACCESSORY_INNER, SECTION_CLOTHING},
    {"sash", WORD_ACCESSORY, ACCESSORY_INNER, SECTION_CLOTHING},

    {"elf", WORD_EARS, EARS_POINTED, SECTION_NONE},
    {"elven", WORD_EARS, EARS_POINTED, SECTION_NONE},
    {"elvish", WORD_EARS, EARS_POINTED, SECTION_NONE},
    {"fairy", WORD_EARS, EARS_POINTED, SECTION_NONE},
    {"pointed", WORD_EARS, EARS_POINTED, SECTION_NONE},
    {"goblin", WORD_EARS, EARS_POINTED, SECTION_NONE},
    {"catgirl", WORD_EARS, EARS_CAT, SECTION_NONE},
    {"catboy", WORD_EARS, EARS_CAT, SECTION_NONE},
    {"feline", WORD_EARS, EARS_CAT, SECTION_NONE},
};

const size_t WORDS_COUNT = TABLE_SIZE(WORDS);
