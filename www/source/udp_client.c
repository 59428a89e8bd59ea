#include "plain.h"

int main(void) {
    struct sockaddr_in addr = {
        .sin_family = AF_INET,
        .sin_port = htons(8080),
        .sin_addr.s_addr = inet_addr("127.0.0.1"),
    };
    int client = socket(AF_INET, SOCK_DGRAM, 0);
    must("connect",
         connect(client, (void *)&addr, sizeof addr));
    char line[4096], buf[1024];
    while (fgets(line, sizeof line, stdin)) {
        send(client, line, strcspn(line, "\n"), 0);
        ssize_t n = recv(client, buf, sizeof buf, 0);
        printf("%.*s\n", (int)n, buf);
    }
    close(client);
}
