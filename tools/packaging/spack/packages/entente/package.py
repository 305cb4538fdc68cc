# Copyright: as entente, GPL-3.0-or-later.
from spack.package import *


class Entente(CMakePackage):
    """Discrete-event simulation of diplomatic and trade ties.

    Builds the source tree that is checked out: `spack dev-build entente@main` in its folder.
    """

    homepage = "file:///entente"
    has_code = False

    license("GPL-3.0-or-later")

    version("main")

    variant("python", default=True, description="What `entente report`, `figure` and `export` import")

    depends_on("c", type="build")
    depends_on("cmake@3.25:", type="build")
    depends_on("ninja", type="build")
    depends_on("pkgconfig", type="build")
    depends_on("gsl@2.7:")
    depends_on("hdf5+hl~mpi")
    depends_on("igraph@0.10:")
    depends_on("isa-l")
    depends_on("jansson")
    depends_on("libcsv")
    depends_on("libfyaml")
    depends_on("xxhash@0.8:")
    with when("+python"):
        depends_on("python@3.11:", type="run")
        for package in ("numpy", "pandas", "xarray", "h5py", "h5netcdf", "cftime", "matplotlib", "pyyaml"):
            depends_on(f"py-{package}", type="run")

    generator("ninja")

    def cmake_args(self):
        return [self.define("ENTENTE_TESTS", False)]
