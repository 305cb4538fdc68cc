/* Standard errors that hold for dyadic data: where ties differ, and where actors do, in what the model does
 * not see, so that two ties with an actor in common are not independent.
 *
 * Let d_e be what the score of tie e moves the estimates by (the inverse information times the score), and
 * d_a the same of all ties of actor a. With
 *
 *     T = sum over ties of d_e d_e' x G / (G - 1)      (clustered by tie; G ties with an event)
 *     A = sum over actors of d_a d_a'
 *
 * A - T has the products of each pair of ties that share an actor, once (Fafchamps and Gubert 2007; Aronow,
 * Samii and Assenova 2015; Cameron and Miller 2014). The covariance is T plus the positive part of A - 2 T:
 * the share of actors is added where it is there, and never lessens that of ties. In A the score of an actor
 * is weighed as if the estimates were made without it (the jackknife's, CR3: MacKinnon, Nielsen and Webb
 * 2023), because a sandwich of few actors is too small.
 *
 * Few actors also make the errors themselves uncertain: intervals take Student's t. Its degrees of freedom
 * are Satterthwaite's, from how evenly ties and actors determine an estimate: with weights w the sum of
 * squares w^2 has (sum w^2)^2 / sum w^4. */
#ifndef ENTENTE_FIT_LIKELIHOOD_ERRORS_DYADIC_H
#define ENTENTE_FIT_LIKELIHOOD_ERRORS_DYADIC_H

#include "fit/likelihood/internal.h"

/* What ties and actors do to the estimates, in rows of n. */
typedef struct {
    size_t n, n_ties, n_actors;
    int n_clusters;                      /* ties that count */
    double *ties, *actors;               /* moves: d_e and d_a */
    double *tie_weights, *actor_weights; /* moves by a change of their log baseline rate by 1 */
} influence_t;

/* At the joint maximum. 0 or ERR_NOMEM. */
int influence_init(influence_t *self, const joint_t *joint);
void influence_free(influence_t *self); /* safe on a zeroed one */
/* To functions of the estimates with that Jacobian [n][n]. 0 or ERR_NOMEM. */
int influence_carry(influence_t *self, const double *jacobian);
/* Sets `clustered`, `robust` and `degrees` of the joint fit; NAN with fewer than two ties that count. 0 or
 * ERR_NOMEM. */
int influence_errors(const influence_t *self, joint_t *joint);

#endif
