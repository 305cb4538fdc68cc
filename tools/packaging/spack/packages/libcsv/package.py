# Copyright: as entente, GPL-3.0-or-later.
from spack.package import *


class Libcsv(Package):
    """A small, fast CSV parser in ANSI C; Spack's own repository does not have it."""

    homepage = "https://github.com/rgamble/libcsv"
    git = "https://github.com/rgamble/libcsv.git"

    version("master", branch="master")

    depends_on("c", type="build")

    def install(self, spec, prefix):
        mkdirp(prefix.include, prefix.lib)
        cc = Executable(spack_cc)
        cc("-O2", "-fPIC", "-c", "libcsv.c", "-o", "libcsv.o")
        Executable("ar")("rcs", join_path(prefix.lib, "libcsv.a"), "libcsv.o")
        install("csv.h", prefix.include)
