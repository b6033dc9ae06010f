# SPDX-License-Identifier: GPL-2.0-or-later
"""What an upgrade would lose: old hosts with packs on them, new releases with and without
their drivers, and packs at hand."""
import glob
import hashlib
import importlib.machinery
import importlib.util
import json
import os
import shutil
import subprocess
import tempfile

import host
import schema
import terminal
from host import pack
from test_flow import Screens

MODULES = os.environ.get("MODULES", "")
FACTORY = os.path.join(host.command.SOURCE, "tests/factory")
NIC = "0000:04:00.0"          # what the packs' module drives; without a driver
DISK = "0000:00:1f.2"         # what the old host's disk is behind
RULES = "etc/sysconfig/network-scripts/interface-rename-data/dynamic-rules.json"
TREEINFO = "[system-v1]\nproduct_name = XenServer\nproduct_version = 9.0.0\n"


BUILTIN = "lib/modules/4.19.0+1/modules.builtin"
CLAIM = b"acme.license=GPL\0acme.alias=pci:v00008086d000010D3sv*sd*bc*sc*i*\0"


def make_rpm(packages, name, kernel, modules, files=()):
    options = [word for path, place in files for word in ("--file", f"{path}=/{place}")]
    subprocess.run([os.path.join(FACTORY, "make-driver-rpm"), "--out", packages, "--name", name,
                    "--version", "9.0", "--kernel", kernel, *options,
                    *(os.path.join(MODULES, module) for module in modules)], check=True)


def make_release(path, module, name="kernel", kernel="4.19.0+1", builtin=None, modinfo=None, core="kernel"):
    """@builtin, @modinfo: what is built into its package @core."""
    packages = os.path.join(path, "Packages")
    os.makedirs(packages)
    files = []
    for content, place in ((builtin, BUILTIN), (modinfo, BUILTIN + ".modinfo")):
        if content is not None:
            with open(os.path.join(path, os.path.basename(place)), "wb") as out:
                out.write(content)
            files.append((out.name, place))
    if core == name:
        make_rpm(packages, name, kernel, [module], files)
    else:
        make_rpm(packages, name, kernel, [module])
        make_rpm(packages, core, kernel, [], files)
    for source, _ in files:
        os.unlink(source)
    subprocess.run([os.path.join(FACTORY, "make-repodata"), path], check=True)
    with open(os.path.join(path, ".treeinfo"), "w") as text:
        text.write(TREEINFO)
    return path


class UpgradeTest(host.HostTest):
    @classmethod
    def setUpClass(cls):
        cls.releases = tempfile.mkdtemp(prefix="suppack-releases.")
        cls.addClassCleanup(shutil.rmtree, cls.releases)
        make_release(cls.release("with"), "test.ko")
        make_release(cls.release("without"), "other.ko")
        make_release(cls.release("other-kernel"), "other.ko", kernel="6.6.0+1")
        make_release(cls.release("alternate"), "test.ko", name="kernel-alt")
        # drivers that are no modules: said by name, by what they claim, in a package of its own
        make_release(cls.release("built-in-name"), "other.ko", builtin=b"kernel/drivers/net/test.ko\n")
        make_release(cls.release("built-in"), "other.ko", builtin=b"kernel/drivers/net/acme.ko\n", modinfo=CLAIM)
        make_release(cls.release("built-in-core"), "other.ko", name="kernel-modules", core="kernel-core",
                     builtin=b"kernel/drivers/net/acme.ko\n", modinfo=CLAIM)
        make_release(cls.release("built-in-other"), "other.ko", builtin=b"kernel/drivers/ata/ahci.ko\n",
                     modinfo=b"ahci.alias=pci:v*d*sv*sd*bc01sc06i01*\0test.license=GPL\0")
        # its kernel is named, and cannot be read
        shutil.copytree(cls.release("with"), cls.release("lists-only"))
        shutil.rmtree(os.path.join(cls.release("lists-only"), "Packages"))
        # a mirror that has been cut off
        shutil.copytree(cls.release("with"), cls.release("cut"))
        repodata = os.path.join(cls.release("cut"), "repodata")
        for name in os.listdir(repodata):
            if "primary.xml" in name:
                os.truncate(os.path.join(repodata, name), 100)

    @classmethod
    def release(cls, name):
        return os.path.join(cls.releases, name)

    def write(self, path, text):
        path = os.path.join(self.root, path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as out:
            out.write(text)

    def inventory(self, **values):
        with open(os.path.join(self.root, "etc/xensource-inventory"), "a") as out:
            out.writelines(f"{key}='{value}'\n" for key, value in values.items())

    def manage_by(self, address):
        self.inventory(MANAGEMENT_INTERFACE="xenbr0")
        self.write(RULES, json.dumps({"lastboot": [["00:50:56:00:00:01", address, "eth0"]]}))


class CheckUpgrade(UpgradeTest):
    def check(self, *packs, to=None, root=None, accept=("unsigned",)):
        options = [word for what in accept for word in ("--accept", what)]
        options += ["--root", root] if root else []
        options += ["--to", self.release(to)] if to else []
        report = self.json(*options, "check-upgrade", *packs)
        schema.check(report)
        return report

    def fates(self, report):
        return {p["label"]: p["fate"] for p in report["upgrade"]["packs"]}

    def test_a_driver_pack(self):
        self.install("driver-1")
        self.manage_by(NIC)
        driver_2 = pack("driver-2")
        # new release, packs at hand, exit code, what becomes of the pack, a stop?
        for to, packs, code, fate, stop in (
                ("with", [], 0, "covered", False),
                ("without", [], 19, "lost", True),
                ("without", [driver_2], 0, "renewed", False),
                ("lists-only", [], 0, "covered", False),
                ("alternate", [], 19, "lost", True),
                ("built-in-name", [], 0, "covered", False),
                ("built-in", [], 0, "covered", False),
                ("built-in-core", [], 0, "covered", False),
                ("built-in-other", [], 19, "lost", True),
                # the pack at hand is for another kernel than that release's
                ("other-kernel", [driver_2], 19, "lost", True),
                # nothing is known of the release, and the running kernel does not drive it
                ("cut", [], 19, "lost", True),
                (None, [], 19, "lost", True),
                (None, [driver_2], 0, "renewed", False)):
            with self.subTest(to=to, packs=packs):
                report = self.check(*packs, to=to)
                self.assertEqual(report["exit"], code, report["findings"])
                self.assertEqual(self.fates(report), {"driver": fate})
                self.assertEqual(report["upgrade"]["stop"], stop)
                [device] = report["upgrade"]["devices"]
                self.assertEqual((device["address"], device["management"], device["boot"]),
                                 (NIC, True, False))
                self.assertEqual("would-lose" in self.codes(report), code == 19)
                self.assertEqual("unreadable-release" in self.codes(report),
                                 to in ("lists-only", "cut"))

    def test_built_into_the_running_kernel(self):
        """It stands for what the new release does not say."""
        self.install("driver-1")
        self.manage_by(NIC)
        release = os.listdir(os.path.join(self.machine, "lib/modules"))[0]
        for name, content in (("modules.builtin", b"kernel/drivers/net/test.ko\n"),
                              ("modules.builtin.modinfo", CLAIM)):
            path = os.path.join(self.machine, "lib/modules", release, name)
            with open(path, "wb") as out:
                out.write(content)
            for to, code in ((None, 0), ("cut", 0), ("without", 0), ("built-in-other", 19)):
                with self.subTest(name=name, to=to):
                    report = self.check(to=to)
                    self.assertEqual(report["exit"], code, report["upgrade"])
                    if not code:
                        self.assertIn("the running kernel", report["upgrade"]["devices"][0]["evidence"])

    def test_an_untrusted_pack_renews_nothing(self):
        self.install("driver-1")
        report = self.check(pack("driver-2"), to="without", accept=())
        self.assertEqual((report["exit"], self.fates(report)), (19, {"driver": "lost"}))
        self.assertIn("unsigned", self.codes(report))

    def test_management_elsewhere(self):
        self.install("driver-1")
        self.manage_by("0000:06:00.0")
        report = self.check(to="without")
        self.assertEqual(report["exit"], 19)
        # that one has a driver, so its address says nothing; its MAC is another
        self.assertIn("management-unknown", self.codes(report))
        interfaces = os.path.join(self.machine, "sys/class/net")
        name = next(name for name in sorted(os.listdir(interfaces))
                    if "0000:06:00.0" in os.path.realpath(os.path.join(interfaces, name)))
        address = "00:50:56:00:00:02"
        with open(os.path.join(interfaces, name, "address"), "w") as text:
            text.write(address + "\n")
        self.write(RULES, json.dumps({"lastboot": [[address, "0000:06:00.0", "eth0"]]}))
        report = self.check(to="without")
        self.assertNotIn("management-unknown", self.codes(report))
        self.assertFalse(report["upgrade"]["stop"])

    def test_a_pack_without_drivers(self):
        self.install("library")
        self.assertEqual(self.check(to="with")["exit"], 19)
        report = self.check(pack("library"), to="with")
        self.assertEqual((report["exit"], self.fates(report)), (0, {"library": "renewed"}))

    def test_nothing_on_record(self):
        report = self.check(to="without")
        self.assertEqual((report["exit"], report["upgrade"]["packs"]), (0, []))
        self.assertEqual(report["old_host"]["product_version"], "8.2.1")
        self.assertEqual(report["release"]["product"], "XenServer 9.0.0")

    def test_known_to_rpm_only(self):
        """A driver that came with no pack, of an older release's rpm database."""
        rpms = os.path.join(self.dir, "rpms")
        subprocess.run([os.path.join(FACTORY, "make-driver-rpm"), "--out", rpms, "--name", "acme-nic",
                        "--version", "3.1", "--kernel", "4.19.0+1", os.path.join(MODULES, "test.ko")],
                       check=True)
        code, _ = self.rpm("-i", "--nodeps", "--noscripts",
                           os.path.join(rpms, "acme-nic-3.1-1.x86_64.rpm"))
        self.assertEqual(code, 0)
        report = self.check(to="without")
        self.assertEqual((report["exit"], self.fates(report)), (19, {"acme-nic": "lost"}))

    def test_records_of_older_releases(self):
        self.write("etc/xensource/installed-repos/acme:tools/XS-REPOSITORY",
                   '<repository originator="acme" name="tools" product="XenServer" version="1.2">'
                   "<description>Acme tools</description></repository>")
        self.write("etc/xensource/installed-repos/acme:tools/XS-PACKAGES", "<packages></packages>")
        self.write("etc/xensource/installed-repos/xs:main/XS-REPOSITORY",
                   '<repository originator="xs" name="main" product="XenServer" version="6.2">'
                   "<description>Base</description></repository>")
        self.write("etc/xensource/installed-repos/xs:main/XS-PACKAGES", "<packages></packages>")
        self.write("var/update/applied/5ab1f3c0-2d1e-4c55-9e0b-6d1f0a5e0001",
                   '<update name-label="XS82ECU1001" uuid="5ab1f3c0-2d1e-4c55-9e0b-6d1f0a5e0001" '
                   'version="1.0"><name-description>d</name-description></update>\n')
        self.write("var/update/applied/5ab1f3c0-2d1e-4c55-9e0b-6d1f0a5e0002", "<update")
        report = self.check(to="with")
        self.assertEqual(self.fates(report), {"Acme tools": "lost", "Base": "covered",
                                              "XS82ECU1001": "covered"})
        self.assertIn("damaged-record", self.codes(report))

    def test_a_broken_database(self):
        self.install("driver-1")
        database = os.path.join(self.root, "var/lib/rpm/rpmdb.sqlite")
        self.assertTrue(os.path.exists(database))
        with open(database, "r+b") as out:
            out.write(b"x" * 8192)
        report = self.check(to="without")
        # the record says what the database cannot
        self.assertEqual((report["exit"], self.fates(report)), (19, {"driver": "lost"}))
        self.assertIn("unreadable-rpmdb", self.codes(report))

    def test_a_database_of_an_older_rpm(self):
        """As 7.x and 8.x hosts have it: Berkeley DB; read, and if it cannot be, named."""
        packages = glob.glob(os.path.join(pack("driver-1"), "Packages", "*.rpm"))
        shutil.rmtree(os.path.join(self.root, "var/lib/rpm"))
        database = os.path.join(self.root, "var/lib/rpm/Packages")
        os.mkdir(os.path.dirname(database))
        subprocess.run([os.path.join(FACTORY, "make-bdb"), database, *packages], check=True)
        module = os.path.join(self.root, "lib/modules/4.19.0+1/updates/test.ko")
        os.makedirs(os.path.dirname(module), exist_ok=True)
        shutil.copy(os.path.join(MODULES, "test.ko"), module)
        report = self.check(to="without")
        self.assertEqual((report["exit"], self.fates(report)), (19, {"driver": "lost"}))
        self.assertNotIn("unreadable-rpmdb", self.codes(report))
        self.assertEqual(os.listdir(os.path.dirname(database)), ["Packages"])
        for path, content, name in ((database, b"\0" * 16384, "Berkeley DB"),
                                    (database + ".db", b"RpmP" + b"\0" * 4092, "ndb")):
            if os.path.exists(database):
                os.unlink(database)
            with open(path, "wb") as out:
                out.write(content)
            report = self.check(to="without")
            [text] = [f["text"] for f in report["findings"] if f["code"] == "unreadable-rpmdb"]
            self.assertIn(f"(format {name})", text)
            self.assertEqual(os.listdir(os.path.dirname(path)), [os.path.basename(path)])
            # its module is found all the same
            self.assertEqual((report["exit"], list(self.fates(report).values())), (19, ["lost"]))

    def test_a_thousand_packs(self):
        for number in range(1000):
            uuid = f"5ab1f3c0-2d1e-4c55-9e0b-6d1f0a5e{number:04x}"
            self.write(f"var/update/applied/{uuid}", f'<update name-label="pack-{number}" uuid="{uuid}" version='
                       f'"1.{number}"><name-description>d</name-description></update>\n')
        report = self.check(to="without")
        self.assertEqual((report["exit"], len(report["upgrade"]["packs"])), (19, 1000))
        self.assertEqual(self.codes(report).count("would-lose"), 1000)
        screens = Screens(self, "upgrade")
        screens.hello()
        question = screens.next_question()
        self.assertEqual(sum(row["heading"] for row in question["rows"]), 1000)
        screens.answer(question, "back")
        self.assertEqual(screens.next_question()["end"]["exit"], 19)
        screens.finish()

    def test_reads_never_leave_the_root(self):
        """Everything that is read is a link to something outside that says so; ids that climb."""
        outside = os.path.join(self.dir, "outside")
        os.makedirs(os.path.join(outside, "repo"))
        stamp = "5ab1f3c0-2d1e-4c55-9e0b-6d1f0a5e0001"
        for name, text in (
                ("inventory", "PRODUCT_BRAND='CANARY'\nMANAGEMENT_INTERFACE='CANARY'\n"),
                ("stamp", f'<update name-label="CANARY" uuid="{stamp}" version="1">'
                          "<name-description>d</name-description></update>\n"),
                ("repo/XS-REPOSITORY", '<repository originator="a" name="CANARY" product="XenServer" version="1">'
                                       "<description>CANARY</description></repository>"),
                ("repo/XS-PACKAGES", "<packages></packages>"),
                ("repo/record.json", '{"suppack_record":1,"pack":{"id":"CANARY","label":"CANARY","version":"1"}}')):
            with open(os.path.join(outside, name), "w") as out:
                out.write(text)
        subprocess.run(["rpm", "--root", outside, "--dbpath", "/rpm", "--initdb"], check=True)
        os.makedirs(os.path.join(self.root, "var/update/applied"), exist_ok=True)
        os.makedirs(os.path.join(self.root, "etc/xensource/installed-repos"), exist_ok=True)
        for climb in (outside, os.path.join("../" * 32, outside[1:])):
            for path, target in (("etc/xensource-inventory", "inventory"), ("var/update/applied/" + stamp, "stamp"),
                                 ("etc/xensource/installed-repos/a:b", "repo"),
                                                  ("var/lib/rpm", "rpm"), ("lib/modules", "")):
                path = os.path.join(self.root, path)
                if os.path.islink(path) or os.path.isfile(path):
                    os.unlink(path)
                elif os.path.isdir(path):
                    shutil.rmtree(path)
                os.symlink(os.path.join(climb, target), path)
            self.write("etc/xensource/installed-repos/x:y/XS-REPOSITORY",
                       '<repository originator="../../x" name="../y" product="XenServer" version="1">'
                       "<description>Climbing</description></repository>")
            self.write("etc/xensource/installed-repos/x:y/XS-PACKAGES",
                       f'<packages><package label="n" size="1" md5="{"0" * 32}" type="driver" '
                       f'root="{os.path.join("../" * 32, outside[1:])}/x.ko">n</package></packages>')
            done = self.run_it("--json", "check-upgrade")
            self.assertNotIn("CANARY", done.stdout)
            schema.check(json.loads(done.stdout))

    def test_half_a_root(self):
        """Records without a database, a database without records, nothing but an inventory."""
        self.install("driver-1")
        for gone, code, fates in ((["var/lib"], 19, {"driver": "lost"}), (["etc"], 19, {"driver": "lost"}),
                                  (["var", "etc"], 19, None),
                                  (["var", "lib", "etc/xensource"], 0, {})):
            with self.subTest(gone=gone):
                half = os.path.join(self.dir, "half")
                subprocess.run(["cp", "-a", self.root, half], check=True)
                for path in gone:
                    shutil.rmtree(os.path.join(half, path))
                report = self.check(to="without", root=half)
                shutil.rmtree(half)
                self.assertEqual(report["exit"], code, report["findings"])
                if fates is not None:
                    self.assertEqual(self.fates(report), fates)
                self.assertTrue({"no-inventory", "unreadable-rpmdb"} & set(self.codes(report)))

    def test_a_boot_disk(self):
        """The disk that the inventory names is behind a controller that loses nothing."""
        self.install("driver-1")
        self.inventory(PRIMARY_DISK="/dev/disk/by-id/ata-ST1000", MANAGEMENT_INTERFACE="xenbr1")
        links = os.path.join(self.machine, "dev/disk/by-id")
        os.makedirs(links)
        os.symlink("../../sda", os.path.join(links, "ata-ST1000"))
        report = self.check(to="without")
        self.assertFalse(report["upgrade"]["devices"][0]["boot"])

    def test_a_partition(self):
        self.install("driver-1")
        self.manage_by(NIC)
        image = os.path.join(self.dir, "root.img")
        with open(image, "wb") as out:
            out.truncate(64 << 20)
        subprocess.run(["mkfs.ext4", "-q", "-d", self.root, image], check=True)

        def digest():
            with open(image, "rb") as content:
                return hashlib.sha256(content.read()).hexdigest()

        before = digest()
        plain = self.check(to="without")
        report = self.check(to="without", root=image)
        self.assertEqual(report, plain)
        self.assertEqual(digest(), before)
        with open("/proc/self/mounts") as mounts:
            self.assertNotIn(image, mounts.read())

    def test_no_root(self):
        empty = os.path.join(self.dir, "empty")
        os.mkdir(empty)
        zero = os.path.join(self.dir, "zero")
        with open(zero, "wb") as out:
            out.truncate(1 << 20)
        for root, code, finding in ((empty, 10, "not-there"), (zero, 10, "not-there"),
                                    (os.path.join(self.dir, "nowhere"), 10, "not-there")):
            with self.subTest(root=root):
                report = self.check(to="with", root=root)
                self.assertEqual(report["exit"], code)
                self.assertIn(finding, self.codes(report))

    def test_the_same_bytes_twice(self):
        self.install("driver-1")
        words = ("--to", self.release("without"), "--json", "check-upgrade", pack("driver-2"))
        self.assertEqual(len({self.run_it(*words).stdout for _ in range(2)}), 1)

    def test_as_text(self):
        self.install("driver-1")
        self.manage_by(NIC)
        done = self.run_it("--to", self.release("without"), "check-upgrade")
        self.assertEqual(done.returncode, 19)
        for text in ("new release: XenServer 9.0.0", "lost: 'driver' 1.0", "82574L", "[management interface]"):
            self.assertIn(text, done.stdout)
        self.assertIn("[would-lose]", done.stderr)

    def test_a_loss_that_was_accepted(self):
        self.install("driver-1")
        self.manage_by(NIC)
        report = self.check(to="without", accept=("loss",))
        self.assertEqual(report["exit"], 0)
        self.assertTrue(report["upgrade"]["stop"])
        for code in ("would-lose", "accepted-loss"):
            self.assertIn(code, self.codes(report))

    def test_a_location_that_is_none(self):
        self.assertEqual(self.check("/nowhere", to="with")["exit"], 10)


def load_script(path):
    loader = importlib.machinery.SourceFileLoader("make_machine", path)
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(loader.name, loader))
    loader.exec_module(module)
    return module


NVME, SAS, AHCI, PORTS = "0000:05:00.0", "0000:03:00.0", DISK, ("0000:06:00.0", "0000:06:00.1")
SAS_DISK = "pci0000:00/0000:00:01.0/0000:03:00.0/host3/target3:2:0/3:2:0:0/block/sdc"
DRIVERS = {  # what packs brought to old hosts, and what it claims
    "nvme": "pci:v0000144Dd0000A808sv*sd*bc01sc08i02*", "megaraid_sas": "pci:v00001000d00000060sv*sd*bc*sc*i*",
    "ahci": "pci:v00008086d00008D02sv*sd*bc*sc*i*", "igb": "pci:v00008086d00001521sv*sd*bc*sc*i*"}
CLASS_NVME = b"nvme.alias=pci:v*d*sv*sd*bc01sc08i02*\0"


class Machines(UpgradeTest):
    """Old hosts with a driver that a package brought: what starts from it, what is kept on it, what
    is managed through it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.make_machine = load_script(os.path.join(host.command.SOURCE, "tests/fixtures/make-machine"))
        cls.rpms = os.path.join(cls.releases, "rpms")
        for name, alias in DRIVERS.items():
            module = os.path.join(cls.releases, "modules", name + ".ko")
            subprocess.run([os.path.join(FACTORY, "make-module"), "--out", module, "--kernel", "4.19.0+1",
                            "--alias", alias], check=True)
            make_rpm(cls.rpms, "acme-" + name, "4.19.0+1", [module])
        make_release(cls.release("class"), "other.ko", builtin=b"kernel/nvme.ko\n", modinfo=CLASS_NVME)

    def setUp(self):
        super().setUp()
        machine = self.make_machine.Machine(self.machine, False)
        name, disk = machine.disk(SAS_DISK, 1172123568, 0, "DELL    ", "PERC 6/i        ", ["sdc1", "sdc3"], "8:32")
        machine.reach(f"sys/block/{name}", disk)
        for link, node in (("nvme-eui.0025388b71b2a1e0", "nvme0n1"), ("scsi-36001ec90f1b3", "sdc"),
                           ("ata-ST1000", "sda")):
            machine.link(f"dev/disk/by-id/{link}", f"dev/{node}")

    def old_host(self, module, inventory, files=()):
        done = self.rpm("-i", "--nodeps", "--noscripts",
                        os.path.join(self.rpms, f"acme-{module}-9.0-1.x86_64.rpm"))
        self.assertEqual(done[0], 0)
        self.inventory(**inventory)
        for path, text in files:
            self.write(path, text)

    def roles(self, report):
        return {d["address"]: " ".join(r for r in ("boot", "storage", "management") if d[r])
                for d in report["upgrade"]["devices"]}

    def test_disks(self):
        """What it starts from, and where its storage is."""
        first_boot = "etc/firstboot.d/data/default-storage.conf"
        sr = "<device>/dev/disk/by-id/scsi-36001ec90f1b3-part3</device> /dev/disk/by-id/scsi-36001ec90f1b3"
        elsewhere = {"PRIMARY_DISK": "/dev/disk/by-id/ata-ST1000"}
        rows = (
            ("nvme", {"PRIMARY_DISK": "/dev/disk/by-id/nvme-eui.0025388b71b2a1e0"}, (), {NVME: "boot"}, True),
            ("nvme", {"PRIMARY_DISK": "/dev/nvme0n1"}, (), {NVME: "boot"}, True),
            ("nvme", {"PRIMARY_DISK": "/dev/nvme0n1p1"}, (), {NVME: "boot"}, True),
            ("megaraid_sas", {"PRIMARY_DISK": "/dev/disk/by-id/scsi-36001ec90f1b3"}, (), {SAS: "boot"}, True),
            ("megaraid_sas", {"PRIMARY_DISK": "/dev/sdc"}, (), {SAS: "boot"}, True),
            ("megaraid_sas", elsewhere, [("var/xapi/state.db", sr)], {SAS: "storage"}, False),
            ("megaraid_sas", elsewhere, [(first_boot, "XSPARTITIONS='/dev/sda3 /dev/sdc3'\n")],
             {SAS: "storage"}, False),
            ("nvme", elsewhere, [(first_boot, "PARTITIONS=/dev/nvme0n1\n")], {NVME: "storage"}, False),
            ("megaraid_sas", elsewhere, (), {SAS: ""}, False),
            ("ahci", elsewhere, (), {AHCI: "boot"}, True),
            # nobody knows: then it may be any
            ("megaraid_sas", {"PRIMARY_DISK": "/dev/disk/by-id/scsi-gone"}, (), {SAS: "boot"}, True),
        )
        for module, inventory, files, roles, stop in rows:
            with self.subTest(module=module, inventory=inventory, files=files):
                self.fresh_root()
                self.old_host(module, inventory, files)
                report = self.check(to="without")
                self.assertEqual((report["exit"], self.roles(report), report["upgrade"]["stop"]),
                                 (19, roles, stop), report["findings"])
                self.assertEqual("boot-disk-unknown" in self.codes(report), "gone" in str(inventory))

    def check(self, to):
        report = self.json("--to", self.release(to), "check-upgrade")
        schema.check(report)
        return report

    def fresh_root(self):
        shutil.rmtree(self.root)
        subprocess.run(["cp", "-a", pack("target"), self.root], check=True)

    def test_a_class_driver(self):
        """Built into the new kernel, and not tied to this model."""
        self.old_host("nvme", {"PRIMARY_DISK": "/dev/nvme0n1"})
        report = self.check(to="class")
        self.assertEqual((report["exit"], self.roles(report)), (0, {NVME: "boot"}))
        self.assertIn("built-in driver 'nvme' of XenServer 9.0.0", report["upgrade"]["devices"][0]["evidence"])

    def test_management(self):
        """Over a bond of both ports, a VLAN on one, and a bond on scripts of an old release."""
        macs = ("00:50:56:00:00:10", "00:50:56:00:00:11")
        for mac, name in zip(macs, ("eth0", "eth1")):
            with open(os.path.join(self.machine, "sys/class/net", name, "address"), "w") as text:
                text.write(mac + "\n")
        rules = (RULES, json.dumps({"lastboot": [[mac.upper(), port, name] for mac, port, name in
                                                 zip(macs, PORTS, ("eth0", "eth1"))]}))
        bond = {"ports": {"bond0": {"interfaces": ["eth0", "eth1"]}}}
        one = {"ports": {"eth1": {"interfaces": ["eth1"]}}}

        def networkd(**bridges):
            return [("var/lib/xcp/networkd.db", json.dumps({"bridge_config": bridges})), rules]

        scripts = [(f"etc/sysconfig/network-scripts/ifcfg-{name}", text) for name, text in (
            ("bond0", "BRIDGE=xapi1\n"), ("eth0", f"MASTER=bond0\nHWADDR={macs[0]}\n"),
            ("eth1", f"MASTER=bond0\nHWADDR={macs[1]}\n"))]
        both, second = dict.fromkeys(PORTS, "management"), {PORTS[0]: "", PORTS[1]: "management"}
        for bridge, files, roles in (
                ("xapi1", networkd(xapi1=bond), both),
                ("xapi2", networkd(xapi2={"ports": {}, "vlan": ["xenbr1", 7]}, xenbr1=one), second),
                ("xenbr1", [rules], second),
                ("xapi1", scripts, both)):
            with self.subTest(bridge=bridge, files=files):
                self.fresh_root()
                self.old_host("igb", {"MANAGEMENT_INTERFACE": bridge}, files)
                report = self.check(to="without")
                self.assertEqual((report["exit"], self.roles(report), report["upgrade"]["stop"]),
                                 (19, roles, True), report["findings"])
                self.assertNotIn("management-unknown", self.codes(report))


class Flow(UpgradeTest):
    """With the screens' side of the protocol."""

    def setUp(self):
        super().setUp()
        self.options = []
        self.install("driver-1")
        self.spool = os.path.join(self.dir, "spool")
        shutil.rmtree(self.spool, ignore_errors=True)
        self.manage_by(NIC)

    def arguments(self, *arguments):
        return super().arguments(*self.options, *arguments)

    def start(self, to, accept=()):
        self.options = ["--to", self.release(to)] + [w for what in accept for w in ("--accept", what)]
        screens = Screens(self, "upgrade")
        screens.hello()
        return screens

    def ask(self, screens, kind):
        question = screens.next_question()
        self.assertEqual((question or {}).get("ask"), kind, question)
        screens.last = question["id"]
        return question

    def end(self, screens, code):
        line = screens.next_question()
        self.assertEqual(line["end"]["exit"], code, line)
        schema.check(line["end"]["report"])
        screens.finish()
        self.options = []
        return line["end"]["report"]

    def kept(self):
        names = os.listdir(self.spool) if os.path.isdir(self.spool) else []
        return [name for name in names if not name.startswith(".")]

    def expected(self):
        path = os.path.join(self.spool, ".expected.json")
        if not os.path.exists(path):
            return []
        with open(path) as text:
            return [(pack["label"], pack["version"]) for pack in json.load(text)["packs"]]

    def new_host(self):
        """The old one is gone."""
        shutil.rmtree(self.root)
        subprocess.run(["cp", "-a", pack("target"), self.root], check=True)

    def test_nothing_is_lost(self):
        screens = self.start("with")
        question = self.ask(screens, "upgrade")
        self.assertFalse(question["danger"])
        self.assertEqual([row["heading"] for row in question["rows"]], [True, False])
        screens.answer(question, "next")
        self.assertEqual(self.end(screens, 0)["kept"], [])

    def test_back(self):
        screens = self.start("without")
        question = self.ask(screens, "upgrade")
        self.assertTrue(question["danger"])
        self.assertIn("LOST", question["rows"][0]["text"])
        self.assertIn("management interface", question["rows"][1]["text"])
        screens.answer(question, "back")
        self.end(screens, 19)

    def test_going_on_is_said_twice(self):
        screens = self.start("without")
        screens.answer(self.ask(screens, "upgrade"), "next")
        stop = self.ask(screens, "confirm")
        self.assertTrue(stop["danger"])
        self.assertEqual(stop["default"], "back")
        self.assertIn(NIC, stop["rows"][0])
        screens.answer(stop, "back")
        screens.answer(self.ask(screens, "upgrade"), "next")
        screens.answer(self.ask(screens, "confirm"), "next")
        report = self.end(screens, 0)
        self.assertIn("accepted-loss", self.codes(report))
        with open(self.log) as log:
            self.assertIn("management interface: agreed", log.read())

    def insert(self, screens, name):
        screens.answer(self.ask(screens, "upgrade"), "again")
        screens.answer(self.ask(screens, "source"), "next", typed=pack(name))
        screens.answer(self.ask(screens, "trust"), "next")
        return self.ask(screens, "upgrade")

    def test_a_pack_is_carried_over(self):
        screens = self.start("without")
        question = self.insert(screens, "driver-2")
        self.assertFalse(question["danger"])
        [offer] = [row for row in question["rows"] if row["key"]]
        self.assertIn("driver 2.0", offer["text"])
        self.assertTrue(offer["checked"])
        screens.answer(question, "next", chosen=[offer["key"]])
        report = self.end(screens, 0)
        self.assertEqual([os.path.basename(path) for path in report["kept"]], self.kept())
        self.assertEqual(len(self.kept()), 1)
        self.assertEqual(self.expected(), [("driver", "2.0")])
        # the install flow takes it from there, into the new host
        self.new_host()
        report = self.json("install")
        self.assertEqual(report["exit"], 0, report["findings"])
        self.assertEqual(list(self.records()), [("driver", "2.0")])
        self.assertEqual(self.expected(), [])

    def carry_over(self):
        """An upgrade with 'driver' 2.0 agreed to; then the new host, without it."""
        screens = self.start("without")
        [offer] = [row for row in self.insert(screens, "driver-2")["rows"] if row["key"]]
        screens.answer({"id": screens.last}, "next", chosen=[offer["key"]])
        self.end(screens, 0)
        self.new_host()

    def test_what_is_missing_is_named(self):
        """Another process, and the kept copy is gone: memory was short, say."""
        self.carry_over()
        for name in self.kept():
            shutil.rmtree(os.path.join(self.spool, name))
        # whatever else is installed
        for packs, code in (([], 19), (["library"], 19), (["driver-1"], 19), (["driver-2"], 0)):
            with self.subTest(packs=packs):
                report = self.install(*packs, accept=("unsigned", "older"))
                schema.check(report)
                missing = [f for f in report["findings"] if f["code"] == "not-carried-over"]
                self.assertEqual(report["exit"], code, report["findings"])
                self.assertEqual([f["about"] for f in missing], ["driver"] if code else [])
                if code:
                    self.assertIn("'driver' 2.0", missing[0]["text"])
        self.assertEqual(self.expected(), [])
        self.assertEqual(self.install("library")["exit"], 0)

    def test_a_list_that_cannot_be_read(self):
        self.carry_over()
        with open(os.path.join(self.spool, ".expected.json"), "w") as text:
            text.write("{")
        report = self.install("library")
        self.assertEqual(report["exit"], 19)
        self.assertIn("not-carried-over", self.codes(report))

    def test_the_screens_name_it_and_try_again(self):
        self.carry_over()
        screens = Screens(self, "packs")
        screens.hello()
        question = self.ask(screens, "packs")  # by itself: nobody was asked where
        screens.answer(question, "next", chosen=[])
        screens.answer(self.ask(screens, "problem"), "next")  # nothing was chosen
        question = self.ask(screens, "problem")
        self.assertEqual((question["title"], question["retry"]), ("Packs Missing After the Upgrade", True))
        self.assertIn("'driver' 2.0", question["findings"][0]["text"])
        screens.answer(question, "again")
        screens.answer(self.ask(screens, "packs"), "next")
        screens.answer(self.ask(screens, "confirm"), "next")
        screens.answer(self.ask(screens, "proof"), "next")
        self.end(screens, 0)
        self.assertEqual(list(self.records()), [("driver", "2.0")])

    def test_the_screens_go_on_without(self):
        self.carry_over()
        screens = Screens(self, "packs")
        screens.hello()
        screens.answer(self.ask(screens, "packs"), "cancel")
        screens.answer(self.ask(screens, "problem"), "next")
        report = self.end(screens, 19)
        self.assertIn("not-carried-over", self.codes(report))

    def test_what_is_offered(self):
        """Ticked is what renews; the rest is there for who wants it."""
        for to, name, ticked in (("without", "driver-2", True), ("with", "driver-2", False),
                                 ("other-kernel", "driver-2", False)):
            with self.subTest(to=to, name=name):
                screens = self.start(to)
                [offer] = [row for row in self.insert(screens, name)["rows"] if row["key"]]
                self.assertEqual(offer["checked"], ticked)
                screens.answer({"id": screens.last}, "back")
                screens.next_question()
                screens.finish()

    def test_thought_better_of_it(self):
        """Ticked, another disk looked for, and then not ticked any more."""
        screens = self.start("without")
        [offer] = [row for row in self.insert(screens, "driver-2")["rows"] if row["key"]]
        screens.answer({"id": screens.last}, "again", chosen=[offer["key"]])
        screens.answer(self.ask(screens, "source"), "next", typed=pack("library"))
        screens.answer(self.ask(screens, "trust"), "back")
        screens.answer(self.ask(screens, "upgrade"), "next", chosen=[])
        self.assertEqual(self.end(screens, 0)["kept"], [])
        self.assertEqual((self.kept(), self.expected()), ([], []))

    def test_nothing_is_kept_for_an_upgrade_that_is_not(self):
        screens = self.start("without")
        question = self.insert(screens, "driver-2")
        [offer] = [row for row in question["rows"] if row["key"]]
        # another disk: this one is kept before it may be taken out
        screens.answer(question, "again", chosen=[offer["key"]])
        source = self.ask(screens, "source")
        self.assertEqual(len(self.kept()), 1)
        screens.answer(source, "back")
        screens.answer(self.ask(screens, "upgrade"), "back")
        self.end(screens, 18)
        self.assertEqual((self.kept(), self.expected()), ([], []))

    def test_what_is_not_ticked_is_not_carried_over(self):
        screens = self.start("without")
        screens.answer(self.insert(screens, "driver-2"), "next", chosen=[])
        self.assertEqual(self.end(screens, 0)["kept"], [])

    def test_no_pack_there(self):
        screens = self.start("without")
        screens.answer(self.ask(screens, "upgrade"), "again")
        screens.answer(self.ask(screens, "source"), "next", typed="/nowhere")
        question = self.ask(screens, "upgrade")
        self.assertIn("not-there", [f["code"] for f in question["findings"]])
        screens.answer(question, "back")
        self.end(screens, 19)

    def test_the_screens_go(self):
        screens = self.start("without")
        self.ask(screens, "upgrade")
        screens.socket.close()
        screens.lines.close()
        self.assertEqual(screens.engine.wait(60), 19)


class OnTheScreen(UpgradeTest):
    """Key by key, from `ui upgrade` to `ui packs` of another process."""

    def start(self, flow, *options):
        player = terminal.Terminal(self.arguments(*options, "ui", flow), self.scratch)
        self.addCleanup(player.close)
        return player

    def test_all_the_way(self):
        self.install("driver-1")
        self.manage_by(NIC)
        player = self.start("upgrade", "--to", self.release("without"))
        player.see("Do not go on: after the upgrade this host could not be reached any", "driver 1.0: LOST",
                   "LOST: management interface: 0000:04:00.0")
        player.press("Tab", "Enter")
        player.see("Lose These Drivers?", "only somebody at the machine can help", "management interface")
        player.press("F12")  # Back is the default
        player.see("Packs of the Host to Be Upgraded")
        player.press("Tab", "Tab", "Enter")
        player.see("Where are they?")
        player.press("End", "F12")
        player.see("Type where the packs are")
        player.press(pack("driver-2"), "F12")
        player.see("Not Trusted")
        player.press("Tab", "Enter")
        player.see("driver 1.0: renewed by a pack at hand", "[*] install 'driver 2.0' with the upgrade")
        player.press("F12")
        player.end_clean(self, 0)
        shutil.rmtree(self.root)
        subprocess.run(["cp", "-a", pack("target"), self.root], check=True)
        player = self.start("packs")
        player.see("Supplemental Packs Found", "[*] driver 2.0")  # by itself
        player.press("Esc")
        player.see("Packs Missing After the Upgrade", "'driver' 2.0 was to be carried over", "Install this pack now")
        player.press("Enter")
        player.see("Supplemental Packs Found", "[*] driver 2.0")
        player.press("F12")
        player.see("Install These Packs?")
        player.press("F12")
        player.see("Packs Installed")
        player.press("F12")
        player.end_clean(self, 0)
        self.assertEqual(list(self.records()), [("driver", "2.0")])


class Unattended(UpgradeTest):
    """The stage "upgrade" of an answerfile: before the old host is overwritten."""

    def answer(self, *sources, mode="upgrade", attributes="", release="without"):
        path = os.path.join(self.dir, "answer.xml")
        with open(path, "w") as file:
            file.write(f"<installation mode='{mode}' {attributes}>\n<source type='url'>"
                       f"file://{self.release(release)}</source>\n" + "\n".join(sources) + "\n</installation>")
        return path

    def driver_source(self, name, attributes=""):
        return f"<driver-source type='url' {attributes}>file://{pack(name)}</driver-source>"

    def stage(self, stage, answer):
        done = self.run_it("--json", "--retries", "0", "answerfile", "--stage", stage, answer)
        report = json.loads(done.stdout)
        schema.check(report)
        self.assertEqual((report["exit"], done.stderr.count("\n")), (done.returncode, bool(done.returncode)))
        return report

    def test_what_is_lost_stops_it(self):
        self.install("driver-1")
        for management, loss, code, decision in (
                (NIC, "", 19, "back"), (NIC, "stop", 19, "back"), (NIC, "warn", 19, "back"),
                (NIC, "go-on", 0, "next"),
                ("0000:06:00.0", "", 19, "back"), ("0000:06:00.0", "warn", 0, "next"),
                ("0000:06:00.0", "go-on", 0, "next")):
            with self.subTest(management=management, loss=loss):
                self.manage(management)
                report = self.stage("upgrade", self.answer(
                    attributes=f"pack-loss='{loss}'" if loss else ""))
                self.assertEqual(report["exit"], code, report["findings"])
                self.assertEqual(report["upgrade"]["stop"], management == NIC)
                [row] = report["decisions"]
                self.assertEqual((row["ask"], row["answer"]), ("upgrade", decision))
                self.assertIn("would-lose", self.codes(report))
                self.assertEqual("accepted-loss" in self.codes(report), code == 0)
                self.assertEqual(report["release"]["product"], "XenServer 9.0.0")

    def manage(self, address):
        """The management interface is there, by its MAC address where it has a driver."""
        self.manage_by(address)
        interfaces = os.path.join(self.machine, "sys/class/net")
        for name in os.listdir(interfaces):
            if address in os.path.realpath(os.path.join(interfaces, name)):
                with open(os.path.join(interfaces, name, "address"), "w") as text:
                    text.write("00:50:56:00:00:01\n")

    def test_nothing_is_lost(self):
        self.install("driver-1")
        report = self.stage("upgrade", self.answer(release="with"))
        self.assertEqual((report["exit"], report["upgrade"]["packs"][0]["fate"]), (0, "covered"))
        # that the installation source is no pack is nobody's fault
        self.assertEqual(self.codes(report), ["management-unknown"])

    def test_other_modes(self):
        self.install("driver-1")
        for mode in ("fresh", "reinstall"):
            report = self.stage("upgrade", self.answer(mode=mode))
            self.assertEqual((report["exit"], report.get("upgrade")), (0, None))

    def test_a_source_renews_it(self):
        """Accepted of that source alone; then installed, and if it is not, named."""
        self.install("driver-1")
        self.manage(NIC)
        for attributes, code in (("", 19), ("accept='unsigned'", 0), ("accept='weak'", 19)):
            with self.subTest(attributes=attributes):
                report = self.stage("upgrade", self.answer(self.driver_source("driver-2", attributes)))
                self.assertEqual(report["exit"], code, report["findings"])
                self.assertEqual([row["element"] for row in report["sources"]], ["source", "driver-source"])
                fate = "lost" if code else "renewed"
                self.assertEqual(report["upgrade"]["packs"][0]["fate"], fate)
                self.assertEqual(report["kept"], [])
        answer = self.answer(self.driver_source("driver-2", "accept='unsigned'"))
        self.assertEqual(self.stage("upgrade", answer)["exit"], 0)
        shutil.rmtree(self.root)
        subprocess.run(["cp", "-a", pack("target"), self.root], check=True)
        # the source is gone by then, and is not required
        gone = self.answer(self.driver_source("nowhere", "required='no'"))
        report = self.stage("packs", gone)
        self.assertEqual(report["exit"], 19)
        self.assertIn("not-carried-over", self.codes(report))
        report = self.stage("packs", self.answer(self.driver_source("driver-2", "accept='unsigned'")))
        self.assertEqual(report["exit"], 0, report["findings"])
        self.assertEqual(list(self.records()), [("driver", "2.0")])

    def test_sources_that_cannot_be_reached(self):
        self.install("driver-1")
        for required, code in (("yes", 10), ("no", 0)):
            report = self.stage("upgrade", self.answer(
                self.driver_source("nowhere", f"required='{required}'"), release="with"))
            self.assertEqual(report["exit"], code)

    def test_no_root(self):
        report = self.stage("upgrade", self.answer())
        self.assertEqual(report["exit"], 0)
        shutil.rmtree(self.root)
        self.assertEqual(self.stage("upgrade", self.answer())["exit"], 10)


if __name__ == "__main__":
    host.command.main()
