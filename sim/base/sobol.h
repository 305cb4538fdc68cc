/* Points of the Sobol' sequence (GSL's, Bratley and Fox 1988), without its first point 0. */
#ifndef ENTENTE_BASE_SOBOL_H
#define ENTENTE_BASE_SOBOL_H

#define SOBOL_DIMENSIONS 40 /* at most */

/* Points [0, n) into out[n][dimensions], each coordinate in (0, 1). A longer sequence begins with a shorter
 * one. 0, ERR_NOMEM; dimensions is from 1 to SOBOL_DIMENSIONS. */
int sobol_points(int dimensions, int n, double *out);

#endif
