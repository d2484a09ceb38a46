#include "actors/actor_main.h"
#include "actors/roles.h"

int main(int argc, char **argv)
{
    return actor_main(&role_webhook, argc, argv);
}
