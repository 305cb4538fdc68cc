"""A Slurm cluster of our own for a test: one host that poses as four nodes, under a private folder and ports.

Everything started is a child that dies with the test (`setpriv --pdeathsig`), and what the jobs have left is
found by the environment that they were given. Nothing of the machine's own Slurm or munge is touched.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "scontrol", "scancel", "squeue", "setpriv")
NODES = 4

CONFIGURATION = """\
ClusterName=entente
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={ports[0]}
SlurmUser=root
MaxArraySize=41
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket={base}/munge.sock,cred_expire=5
CredType=cred/munge
StateSaveLocation={base}/state
SlurmctldPidFile={base}/slurmctld.pid
SlurmdSpoolDir={base}/spool/%n
SlurmdPidFile={base}/%n.pid
TmpFS={base}
MpiDefault=none
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SlurmdParameters=config_overrides
SchedulerParameters=batch_sched_delay=0,sched_interval=1,bf_interval=1
KillWait=5
ReturnToService=2
AccountingStorageType=accounting_storage/none
JobCompType=jobcomp/filetxt
JobCompLoc={base}/completed.txt
PropagateResourceLimits=NONE
{nodes}
PartitionName=all Nodes=n[1-{n}] Default=YES MaxTime=INFINITE State=UP
"""


def why_not() -> str:
    """Why no cluster can be started here; empty if one can."""
    path = os.environ["PATH"] + ":/usr/sbin:/sbin"
    missing = [name for name in PROGRAMS if not shutil.which(name, path=path)]
    if missing:
        return f"{', '.join(missing)} not installed (make deps-slurm)"
    return "" if os.geteuid() == 0 else "slurmd starts jobs as root only"


def _free_ports(n: int) -> list[int]:
    with contextlib.ExitStack() as open_ones:
        sockets = [open_ones.enter_context(socket.socket()) for _ in range(n)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


class Cluster:
    """A running cluster; `environment` is what its commands need."""

    def __init__(self) -> None:
        """Start munged, slurmctld and the slurmds, and wait until the nodes are idle."""
        self.base = Path(tempfile.mkdtemp(prefix="entente-slurm-", dir="/tmp"))  # short: paths of sockets
        self.conf = self.base / "slurm.conf"
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("SLURM")},
            "PATH": os.environ["PATH"] + ":/usr/sbin:/sbin",
            "SLURM_CONF": str(self.conf),
        }
        self._daemons: list[subprocess.Popen[bytes]] = []
        try:
            self._start()
        except BaseException:
            self.stop()
            raise

    def _start(self) -> None:
        for folder in ("state", "spool", "log"):
            (self.base / folder).mkdir()
        key = self.base / "munge.key"
        key.write_bytes(secrets.token_bytes(128))
        key.chmod(0o400)
        ports = _free_ports(1 + NODES)
        host = socket.gethostname()
        nodes = "\n".join(
            f"NodeName=n{i} NodeHostname={host} NodeAddr=127.0.0.1 Port={ports[i]} CPUs=2 RealMemory=1000"
            for i in range(1, NODES + 1)
        )
        text = CONFIGURATION.format(host=host, base=self.base, ports=ports, nodes=nodes, n=NODES)
        self.conf.write_text(text)
        files = {"key-file": "key", "socket": "sock", "pid-file": "pid", "log-file": "log", "seed-file": "seed"}
        munge = [f"--{option}={self.base}/munge.{end}" for option, end in files.items()]
        self._daemon("munged", "-F", "--force", *munge)
        self.wait(lambda: (self.base / "munge.sock").exists(), "munged")
        self._daemon("slurmctld", "-D")
        for i in range(1, NODES + 1):
            self._daemon("slurmd", "-D", "-N", f"n{i}")
        self.wait(lambda: self.ask("sinfo", "-h", "-t", "idle", "-o", "%D").strip() == str(NODES), "idle nodes", 60)

    def _daemon(self, *command: str) -> None:
        log = self.base / "log" / f"{command[0]}-{len(self._daemons)}.log"
        with log.open("wb") as out:
            self._daemons.append(
                subprocess.Popen(
                    ["setpriv", "--pdeathsig", "KILL", *command],
                    stdin=subprocess.DEVNULL,
                    stdout=out,
                    stderr=out,
                    env=self.environment,
                )
            )

    def ask(self, *command: str) -> str:
        """What a command of Slurm says; nothing if it fails."""
        done = subprocess.run(command, capture_output=True, text=True, env=self.environment, timeout=60, check=False)
        return done.stdout if done.returncode == 0 else ""

    def tell(self, *command: str) -> None:
        """Run a command of Slurm that must succeed."""
        subprocess.run(command, check=True, env=self.environment, timeout=60, capture_output=True)

    def wait(self, until: Callable[[], bool], what: str, seconds: float = 30) -> None:
        """Until something holds; the daemons' logs if it does not come."""
        end = time.monotonic() + seconds
        while not until():
            if time.monotonic() > end:
                raise TimeoutError(f"{what}: not within {seconds:g} s\n{self.logs()}")
            time.sleep(0.05)

    def logs(self) -> str:
        """The ends of all logs."""
        return "\n".join(f"== {log.name}\n{log.read_text(errors='replace')[-2000:]}" for log in self.base.glob("log/*"))

    def states(self, job: int) -> dict[str, str]:
        """States of the tasks of a job by their number ("" of a plain job), as far as Slurm still knows them."""
        states = {}
        for line in self.ask("scontrol", "-o", "show", "job", str(job)).splitlines():
            fields = dict(word.split("=", 1) for word in line.split() if "=" in word)
            states[fields.get("ArrayTaskId", "")] = fields["JobState"]
        return states

    def is_over(self, job: int) -> bool:
        """Whether nothing of the job is waiting or running."""
        return not self.ask("squeue", "-h", "-j", str(job), "-o", "%t").strip()

    def processes(self, job: int, task: int, name: str = "entente") -> list[int]:
        """Processes of a task that run the program `name`, the oldest first."""
        wanted = {f"SLURM_ARRAY_JOB_ID={job}", f"SLURM_ARRAY_TASK_ID={task}"}
        return [pid for pid, environment, own in self._mine() if own == name and wanted <= environment]

    def _mine(self) -> Iterator[tuple[int, set[str], str]]:
        """All processes that were given this cluster's configuration: number, environment, name."""
        for folder in sorted(Path("/proc").glob("[0-9]*"), key=lambda path: int(path.name)):
            try:
                environment = set((folder / "environ").read_bytes().decode(errors="replace").split("\0"))
                name = (folder / "comm").read_text().strip()
            except OSError:
                continue  # it has ended
            if f"SLURM_CONF={self.conf}" in environment:
                yield int(folder.name), environment, name

    def stop(self) -> None:
        """End everything at once, jobs and daemons, and remove the folder."""
        for daemon in self._daemons:
            daemon.kill()
            daemon.wait()
        for _ in range(100):  # what runs apart from its daemon: slurmstepd, scripts, the program
            left = [pid for pid, _, _ in self._mine()]
            if not left:
                break
            for pid in left:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            time.sleep(0.05)
        shutil.rmtree(self.base, ignore_errors=True)


@contextlib.contextmanager
def cluster() -> Iterator[Cluster]:
    """A cluster for the block, stopped and removed at its end in any case."""
    own = Cluster()
    try:
        yield own
    finally:
        own.stop()
