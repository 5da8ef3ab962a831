/* The installed providers, as WSCEnumProtocols tells them. */
#ifndef WSPCTS_HARNESS_CATALOG_H
#define WSPCTS_HARNESS_CATALOG_H

/* Writes one JSON object a line to standard output; the exit code of the process. */
int catalog_list(void);

#endif
