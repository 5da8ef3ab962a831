#include "flawed/support/layer.h"

struct layer layer_of_record(void)
{
    return (struct layer){flaw.change_upcalls, flaw.change_table, flaw.start};
}
