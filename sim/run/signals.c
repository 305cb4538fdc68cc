#include "run/signals.h"

#include <signal.h>
#include <stddef.h>

static volatile sig_atomic_t asked, last;
static const int heeded[] = {SIGINT, SIGTERM, SIGUSR1, SIGCHLD};
#define N_HEEDED (sizeof heeded / sizeof *heeded)
static struct sigaction before[N_HEEDED];

static void ask(int signal) {
    asked = asked + 1;
    last = signal;
}

static void wake(int signal) {
    (void)signal;
}

void signals_install(void) {
    asked = 0;
    for (size_t i = 0; i < N_HEEDED; i++) {
        struct sigaction action = {.sa_handler = heeded[i] == SIGCHLD ? wake : ask};
        sigemptyset(&action.sa_mask);
        sigaction(heeded[i], &action, &before[i]);
    }
}

void signals_install_worker(void) {
    asked = 0;
    for (size_t i = 0; i < N_HEEDED; i++) {
        struct sigaction action = {.sa_handler = heeded[i] == SIGTERM   ? ask
                                                 : heeded[i] == SIGCHLD ? SIG_DFL
                                                                        : SIG_IGN};
        sigemptyset(&action.sa_mask);
        sigaction(heeded[i], &action, NULL);
    }
}

void signals_restore(void) {
    for (size_t i = 0; i < N_HEEDED; i++) sigaction(heeded[i], &before[i], NULL);
}

int signals_asked(void) {
    return asked;
}

int signals_last(void) {
    return last;
}
