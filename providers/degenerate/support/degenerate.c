#include "degenerate/support/degenerate.h"

struct layer layer_of_record(void)
{
    return (struct layer){degenerate.change_upcalls, degenerate.change_table, degenerate.start};
}
