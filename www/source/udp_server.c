#include "plain.h"

int main(void) {
    struct sockaddr_in addr = {
        .sin_family = AF_INET,
        .sin_port = htons(8080),
        .sin_addr.s_addr = inet_addr("127.0.0.1"),
    };
    int server = socket(AF_INET, SOCK_DGRAM, 0);
    must("bind",
         bind(server, (void *)&addr, sizeof addr));
    for (;;) {
        char buf[1024];
        struct sockaddr_in from;
        socklen_t len = sizeof from;
        ssize_t n = recvfrom(server, buf, sizeof buf, 0,
                             (void *)&from, &len);
        upper(buf, n);
        sendto(server, buf, n, 0,
               (void *)&from, len);
    }
}
