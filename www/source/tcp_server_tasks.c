#include "plain.h"

static void *serve(void *arg) {
    int conn = (int)(size_t)arg;
    char buf[1024];
    ssize_t n;
    while ((n = recv(conn, buf, sizeof buf, 0)) > 0) {
        upper(buf, n);
        send_all(conn, buf, n);
    }
    close(conn);
    return NULL;
}

int main(void) {
    struct sockaddr_in addr = {
        .sin_family = AF_INET,
        .sin_port = htons(8808),
        .sin_addr.s_addr = inet_addr("127.0.0.1"),
    };
    int on = 1;
    int server = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(server, SOL_SOCKET, SO_REUSEADDR,
               &on, sizeof on);
    must("bind",
         bind(server, (void *)&addr, sizeof addr));
    must("listen", listen(server, 5));
    for (;;) {
        int conn = accept(server, NULL, NULL);
        pthread_t task;
        pthread_create(&task, NULL, serve,
                       (void *)(size_t)conn);
        pthread_detach(task);
    }
}
