# `make deb`: a package for the Debian or Ubuntu that builds it. Its libraries are found by dpkg-shlibdeps; the
# Python package is where that system's interpreter looks, and recommends what it imports.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME entente)
set(CPACK_PACKAGE_VERSION "${PROJECT_VERSION}")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "${PROJECT_DESCRIPTION}")
set(CPACK_PACKAGE_CONTACT "The entente developers")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_PACKAGE_DIRECTORY "${PROJECT_BINARY_DIR}/packages")
set(CPACK_RESOURCE_FILE_LICENSE "${PROJECT_SOURCE_DIR}/LICENSE")
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION science)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS
    "python3 (>= 3.11), python3-numpy, python3-pandas, python3-xarray, python3-h5py, python3-h5netcdf, python3-cftime, python3-matplotlib, python3-yaml")
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "hdf5-tools, jupyter-notebook")
include(CPack)
