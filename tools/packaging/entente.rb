# A Homebrew formula for the source tree that is checked out:
#   git archive --prefix=entente/ -o /tmp/entente.tar.gz HEAD && brew install --build-from-source tools/packaging/entente.rb
class Entente < Formula
  desc "Discrete-event simulation of diplomatic and trade ties"
  homepage "file:///tmp"
  url "file:///tmp/entente.tar.gz"
  version "0.1.0"
  license "GPL-3.0-or-later"

  depends_on "cmake" => :build
  depends_on "ninja" => :build
  depends_on "pkgconf" => :build
  depends_on "gsl"
  depends_on "hdf5"
  depends_on "igraph"
  depends_on "isa-l"
  depends_on "jansson"
  depends_on "libcsv"
  depends_on "libfyaml"
  depends_on :linux
  depends_on "xxhash"

  def install
    system "cmake", "-S", ".", "-B", "build/brew", "-G", "Ninja", "-DENTENTE_TESTS=OFF", *std_cmake_args
    system "cmake", "--build", "build/brew"
    system "cmake", "--install", "build/brew"
  end

  test do
    assert_match "entente #{version}", shell_output("#{bin}/entente --version")
    system bin/"entente", "check", share/"entente/scenarios/minimal.yaml"
  end
end
