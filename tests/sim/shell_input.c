#include "tests/sim/shell_input.h"
#include <assert.h>
#include <stdlib.h>

void inputs_push(struct shell *shell, struct input input)
{
    struct input *copy = malloc(sizeof(*copy));
    assert(copy != NULL);
    *copy = input;
    copy->next = NULL;
    if (input.type == INPUT_FRAME) {
        enum status status = frame_open(&copy->reader, input.frame->bytes);
        assert(status == STATUS_OK);
    }
    if (shell->inputs == NULL) {
        shell->inputs = copy;
    } else {
        shell->inputs_last->next = copy;
    }
    shell->inputs_last = copy;
}

void inputs_pop(struct shell *shell)
{
    struct input *input = shell->inputs;
    shell->inputs = input->next;
    if (input->type == INPUT_FRAME) {
        frame_free(input->frame);
    }
    free(input);
}

void inputs_clear(struct shell *shell)
{
    while (shell->inputs != NULL) {
        inputs_pop(shell);
    }
}
