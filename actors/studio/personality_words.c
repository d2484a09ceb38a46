#include "actors/studio/personality_words.h"

#define LIST(name)                                      \
    const struct word_list LIST_##name = {WORDS_##name, \
                                          sizeof WORDS_##name / sizeof WORDS_##name[0]}

static const char *const WORDS_TRAITS[] = {
    "adventurous", "ambitious",  "brave",       "calm",        "caring",    "charming",
    "cheerful",    "clever",     "confident",   "creative",    "curious",   "determined",
    "dreamy",      "eccentric",  "empathetic",  "fearless",    "fierce",    "forgiving",
    "friendly",    "funny",      "generous",    "gentle",      "graceful",  "honest",
    "honorable",   "humble",     "imaginative", "independent", "kind",      "loyal",
    "melancholic", "meticulous", "mischievous", "mysterious",  "nostalgic", "observant",
    "optimistic",  "passionate", "patient",     "perceptive",  "playful",   "pragmatic",
    "proud",       "protective", "quiet",       "rebellious",  "reserved",  "resourceful",
    "romantic",    "sarcastic",  "serene",      "shy",         "stoic",     "stubborn",
    "thoughtful",  "warm",       "wise",        "witty",
};
LIST(TRAITS);

static const char *const WORDS_MOODS[] = {
    "happy",     "calm",     "determined", "playful", "thoughtful", "serene",  "mischievous",
    "confident", "cheerful", "wistful",    "joyful",  "gentle",     "curious",
};
LIST(MOODS);

static const char *const WORDS_FLAWS[] = {
    "overthinks small decisions and rushes the large ones",
    "finds it hard to ask for help",
    "keeps score of promises, kept and broken",
    "hides worry behind jokes",
    "trusts first impressions a little too long",
    "takes on other people's burdens without being asked",
    "forgets to rest until someone insists",
    "holds on to old grudges longer than to old friends",
    "would rather be late than unprepared",
    "answers questions with better questions",
};
LIST(FLAWS);

static const char *const WORDS_QUIRKS[] = {
    "hums when concentrating",
    "collects small stones and remembers where each was found",
    "names every tool",
    "talks to birds and waits politely for the answer",
    "counts steps on staircases",
    "writes letters that are never sent",
    "always sits where the door can be seen",
    "keeps a pressed flower between the pages of every book",
    "taps out old songs on tabletops",
    "draws maps of places that do not exist",
    "carries a lucky coin with two different sides worn smooth",
    "cannot pass a market stall without tasting something new",
    "polishes buttons before difficult conversations",
    "learns to say thank you in every language encountered",
};
LIST(QUIRKS);

static const char *const WORDS_VALUES[] = {
    "loyalty", "freedom",  "honesty", "craft",    "kindness", "courage",  "knowledge",
    "family",  "fairness", "beauty",  "solitude", "laughter", "patience", "wonder",
};
LIST(VALUES);

static const char *const WORDS_DREAMS[] = {
    "to finish the map that an earlier generation had to abandon",
    "to open a small place where every traveller is welcome",
    "to be remembered for one thing done well",
    "to see the far side of the sea, once, and come back to tell of it",
    "to find out who left the first footprints",
    "to build something that outlasts its maker",
    "to make peace with an old friend before it is too late",
    "to learn the one song that nobody will teach",
};
LIST(DREAMS);

static const char *const WORDS_FEARS[] = {
    "becoming someone their younger self would not recognise",
    "being needed and not being there",
    "the silence after a long goodbye",
    "repeating an old mistake in front of new friends",
    "deep water under a moonless sky",
    "being forgotten by the people who mattered most",
};
LIST(FEARS);

static const char *const WORDS_LIKES[] = {
    "rain on a tin roof",
    "strong tea",
    "unfinished stories",
    "the smell of old books",
    "early mornings",
    "street music",
    "warm bread",
    "well-kept secrets",
    "long walks without a destination",
    "thunderstorms at a safe distance",
    "ink on good paper",
    "honest arguments",
    "starlit rooftops",
};
LIST(LIKES);

static const char *const WORDS_DISLIKES[] = {
    "empty flattery",  "locked gates",         "wasted food",
    "raised voices",   "being hurried",        "cold soup",
    "unkept promises", "crowds without music", "people who interrupt",
};
LIST(DISLIKES);

static const char *const WORDS_VOICES[] = {
    "soft and unhurried, with pauses that invite an answer",
    "quick and bright, full of unexpected comparisons",
    "dry and precise, warming up when nobody expects it",
    "low and steady, choosing each word as if it had a price",
    "playful, half a question even when it is an answer",
    "formal at first, then suddenly disarmingly frank",
};
LIST(VOICES);

static const char *const WORDS_GREETINGS[] = {
    "I'm %s. Sit down, you look like someone with a good story.",
    "%s, at your service. Mind the step, it has opinions.",
    "Oh! You found me. I'm %s. I was hoping somebody would.",
    "They call me %s. You may too, if you say it kindly.",
    "Hello, I'm %s. Tell me one true thing and I'll tell you two.",
};
LIST(GREETINGS);

static const char *const WORDS_OPENINGS[] = {
    "%s is %s and %s, the kind of person who notices what a room leaves unsaid.",
    "Those who meet %s first see somebody %s; those who stay discover how %s they really are.",
    "%s moves through the world in a way that is both %s and %s, and rarely leaves it as it was.",
    "At first glance %s seems merely %s. Give it an evening, and %s is the word that stays.",
};
LIST(OPENINGS);

static const char *const WORDS_MOVEMENTS[] = {
    "%s breathes slowly, shoulders rising and settling, then turns the head a few degrees towards "
    "the light",
    "%s blinks, and the hint of an expression crosses the face while the hair stirs in a light "
    "breeze",
    "%s leans forward almost imperceptibly, eyes finding the camera, fabric shifting with each "
    "breath",
    "%s glances aside, then back, as loose strands of hair drift and fall",
};
LIST(MOVEMENTS);

static const char *const WORDS_CAMERAS[] = {
    "The camera pushes in slowly on a gentle arc",
    "A slow dolly forward with the faintest drift to one side",
    "The camera floats, easing in and out again so that the shot loops",
    "A steady, shallow push with soft parallax between the subject and the background",
};
LIST(CAMERAS);

static const char *const WORDS_LIGHTS[] = {
    "warm light sweeps across the cheek and fades",
    "soft window light flickers as if clouds were passing",
    "a rim of light traces the hair and shoulders",
    "golden highlights travel slowly from left to right",
};
LIST(LIGHTS);

static const char *const WORDS_AIRS[] = {
    "dust motes float through the air",
    "lights out of focus shimmer in the background",
    "tiny particles drift past the lens",
    "the background breathes with slow, blurred movement",
};
LIST(AIRS);

static const char *const WORDS_ANSWERS[] = {
    "That is a good question. In short: it depends on what matters most to you, so start there and "
    "the rest follows.",
    "Here is a simple way to see it: take the smallest step that tells you something, look, then "
    "take the next.",
    "I would keep it plain and concrete. Say what it is for, show one example, and leave out what "
    "nobody asked for.",
    "Happy to help. Tell me a little about where you are going with this, and I will meet you half "
    "way.",
};
LIST(ANSWERS);
