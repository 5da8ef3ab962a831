/* Numbers of Winsock as the words of its documentation. */
#ifndef WSPCTS_HARNESS_NAMES_H
#define WSPCTS_HARNESS_NAMES_H

#include "harness/winsock.h"

const char *spi_function_name(enum spi_function function);
const char *upcall_name(enum upcall upcall);

/* Finds a function by its name; SPI_FUNCTION_COUNT if there is none. */
enum spi_function spi_function_by_name(const char *name);

/* "WSAEINTR", or NULL for a number without a name in winerror.h's Winsock range. */
const char *error_name(int error);

/* Writes "WSAEINTR (10004)", or "error 77" for one without a name; returns `text`. */
const char *error_text(char *text, size_t size, int error);

/* Writes "SO_RCVTIMEO", or the numbers of an option without a name; returns `text`. */
const char *option_text(char *text, size_t size, int level, int option);

/* Writes "FIONBIO", or the number of an ioctl without a name; returns `text`. */
const char *ioctl_text(char *text, size_t size, DWORD code);

/* Writes "FD_READ | FD_CLOSE", "no events" for 0; returns `text`. */
const char *events_text(char *text, size_t size, long events);

/* Writes "MSG_PEEK", "no flags" for 0; returns `text`. */
const char *receive_flags_text(char *text, size_t size, DWORD flags);

/* Writes "WSA_FLAG_OVERLAPPED", "no flags" for 0; returns `text`. */
const char *socket_flags_text(char *text, size_t size, DWORD flags);

/* Writes "127.0.0.1:8080" or "[::1]:8080"; returns `text`. */
const char *address_text(char *text, size_t size, const struct sockaddr *address);

#endif
