#include "broker/core/keyed.h"

#include "broker/core/state.h"

bool keyed_is_valid(const struct keyed *keyed)
{
    return keyed->key.size == 0 || (keyed->key.size <= KEY_SIZE_MAX &&
                                    keyed->hash.size == HASH_SIZE && keyed->owner.size > 0);
}

bool keyed_is_open(const struct core *core, const struct keyed *keyed, const struct facts *facts)
{
    if (keyed->key.size == 0) {
        return false;
    }
    return facts == NULL ||
           changes_since(&core->changes, CHANGE_KEY, keyed->owner, keyed->key, facts->commit);
}

enum keyed_verdict keyed_judge(const struct keyed *keyed, const struct facts *facts)
{
    if (keyed->key.size == 0 || !facts->key_found) {
        return KEYED_NEW;
    }
    bool is_same = slice_equal(keyed->hash, slice_make(facts->key_hash, HASH_SIZE));
    return is_same ? KEYED_REPEAT : KEYED_REUSED;
}

void keyed_note(struct core *core, const struct keyed *keyed, const struct id *id)
{
    if (keyed->key.size == 0) {
        return;
    }
    changes_note(&core->changes, CHANGE_KEY, keyed->owner, keyed->key, core->commit);
    struct effect *effect = emit(core, EFFECT_KEY);
    effect->id = *id;
    effect->owner = keyed->owner;
    effect->key = keyed->key;
    effect->key_hash = keyed->hash;
}
