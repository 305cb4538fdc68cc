/* Requests to stop: SIGINT, SIGTERM, and SIGUSR1 (a cluster's warning before the time limit).
 *
 * The only mutable global of this layer, because signal handlers need one. The first signal requests a stop;
 * a second SIGINT or SIGTERM ends the workers at once. */
#ifndef ENTENTE_RUN_SIGNALS_H
#define ENTENTE_RUN_SIGNALS_H

void signals_install(void);        /* in the parent; SIGCHLD interrupts waiting as well */
void signals_install_worker(void); /* a worker heeds SIGTERM only: its parent tells it the rest */
void signals_restore(void);        /* as before signals_install */
int signals_asked(void);           /* how often it was asked to stop */
int signals_last(void);            /* the last signal */

#endif
