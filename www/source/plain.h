/* What the C programs share: headers, and what no lesson is about. */
#include <arpa/inet.h>
#include <ctype.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* The result of a call, or the end of the program with the error's words. */
static inline int must(const char *call, int result) {
    if (result < 0) {
        perror(call);
        exit(1);
    }
    return result;
}

/* Bytes to upper case. */
static inline void upper(char *bytes, ssize_t count) {
    for (ssize_t at = 0; at < count; at++) bytes[at] = toupper((unsigned char)bytes[at]);
}

/* All bytes: send() may take only some of them. */
static inline int send_all(int fd, const char *bytes, size_t count) {
    while (count > 0) {
        ssize_t sent = send(fd, bytes, count, MSG_NOSIGNAL);
        if (sent < 0) return -1;
        bytes += sent;
        count -= sent;
    }
    return 0;
}

/* An IPv6 address from its text. */
static inline struct in6_addr in6(const char *text) {
    struct in6_addr address = IN6ADDR_ANY_INIT;
    inet_pton(AF_INET6, text, &address);
    return address;
}
