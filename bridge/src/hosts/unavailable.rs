//! Why there can be no hosts here, and exactly what helps.

use super::control::{Failed, Step};
use super::host::{HostRole, tun_device};
use protocol::{Reason, Unavailable};
use std::io;
use std::path::Path;

/// What the system says about user namespaces; `None` where it has no such switch.
#[derive(Clone, Copy, Debug, Default)]
struct Switches {
    /// Ubuntu's AppArmor takes the rights away inside of one.
    apparmor_restricts: Option<bool>,
    /// Debian's switch.
    unprivileged_allowed: Option<bool>,
    /// The most there may be.
    most: Option<u64>,
}

impl Switches {
    fn read() -> Self {
        let number = |path: &str| std::fs::read_to_string(path).ok()?.trim().parse::<u64>().ok();
        Self {
            apparmor_restricts: number("/proc/sys/kernel/apparmor_restrict_unprivileged_userns").map(|on| on != 0),
            unprivileged_allowed: number("/proc/sys/kernel/unprivileged_userns_clone").map(|on| on != 0),
            most: number("/proc/sys/user/max_user_namespaces"),
        }
    }
}

/// Explains what a host could not do.
pub(super) fn explain(role: HostRole, failed: &Failed) -> Unavailable {
    explain_with(role, failed, &tun_device(), Switches::read())
}

/// Explains what should not happen.
pub(super) fn unexpected(role: HostRole, error: &io::Error) -> Unavailable {
    Unavailable {
        reason: Reason::NeedsNamespaces,
        detail: format!("the {} host did not start: {error}", role.name()),
        remedy: String::new(),
    }
}

fn explain_with(role: HostRole, failed: &Failed, tun: &Path, switches: Switches) -> Unavailable {
    let error = io::Error::from_raw_os_error(failed.errno);
    let tun = tun.display();
    let (reason, detail, remedy) = match (failed.step, failed.errno) {
        (Step::OpenTun, libc::ENOENT) => (
            Reason::NeedsTunDevice,
            format!("there is no {tun}"),
            format!(
                "sudo modprobe tun; or, in a container: sudo mkdir -p /dev/net && sudo mknod -m 666 {tun} c 10 200"
            ),
        ),
        (Step::OpenTun, libc::ENODEV | libc::ENXIO) => {
            (Reason::NeedsTunDevice, format!("the kernel has no driver behind {tun}"), "sudo modprobe tun".to_owned())
        }
        (Step::OpenTun, libc::EACCES | libc::EPERM) => {
            (Reason::NeedsTunDevice, format!("{tun} may not be opened by this user"), format!("sudo chmod 666 {tun}"))
        }
        (Step::OpenTun, _) => (Reason::NeedsTunDevice, format!("{tun} cannot be opened: {error}"), String::new()),
        (_, libc::EPERM | libc::EACCES | libc::ENOSPC) => namespaces(failed.step, &error, switches),
        (step, _) => {
            (Reason::NeedsNamespaces, format!("the {} host failed at {step:?}: {error}", role.name()), String::new())
        }
    };
    Unavailable { reason, detail, remedy }
}

fn namespaces(step: Step, error: &io::Error, switches: Switches) -> (Reason, String, String) {
    let (detail, remedy) = match switches {
        Switches { apparmor_restricts: Some(true), .. } => (
            "AppArmor gives no rights inside of user namespaces here".to_owned(),
            "sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0",
        ),
        Switches { unprivileged_allowed: Some(false), .. } => {
            ("only root may make user namespaces here".to_owned(), "sudo sysctl -w kernel.unprivileged_userns_clone=1")
        }
        Switches { most: Some(0), .. } => {
            ("user namespaces are switched off here".to_owned(), "sudo sysctl -w user.max_user_namespaces=15000")
        }
        _ if error.raw_os_error() == Some(libc::ENOSPC) => {
            ("there are too many user namespaces already".to_owned(), "sudo sysctl -w user.max_user_namespaces=15000")
        }
        _ => (
            format!("namespaces are denied here ({step:?}: {error}), as containers do"),
            "in Docker: docker run --cap-add=NET_ADMIN --cap-add=SYS_ADMIN --device=/dev/net/tun …",
        ),
    };
    (Reason::NeedsNamespaces, detail, remedy.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_obstacle_has_its_remedy() {
        let free = Switches::default();
        let apparmor = Switches { apparmor_restricts: Some(true), ..free };
        let debian = Switches { unprivileged_allowed: Some(false), ..free };
        let none = Switches { most: Some(0), ..free };
        let table = [
            (Step::OpenTun, libc::ENOENT, free, Reason::NeedsTunDevice, "mknod -m 666 /dev/x c 10 200"),
            (Step::OpenTun, libc::EACCES, free, Reason::NeedsTunDevice, "sudo chmod 666 /dev/x"),
            (Step::OpenTun, libc::ENODEV, free, Reason::NeedsTunDevice, "sudo modprobe tun"),
            (
                Step::Namespaces,
                libc::EPERM,
                apparmor,
                Reason::NeedsNamespaces,
                "apparmor_restrict_unprivileged_userns=0",
            ),
            // Ubuntu lets one make the namespace, and then takes every right in it away.
            (
                Step::CreateTun,
                libc::EPERM,
                apparmor,
                Reason::NeedsNamespaces,
                "apparmor_restrict_unprivileged_userns=0",
            ),
            (Step::Namespaces, libc::EPERM, debian, Reason::NeedsNamespaces, "unprivileged_userns_clone=1"),
            (Step::Namespaces, libc::ENOSPC, none, Reason::NeedsNamespaces, "max_user_namespaces=15000"),
            (Step::Namespaces, libc::ENOSPC, free, Reason::NeedsNamespaces, "max_user_namespaces=15000"),
            (Step::UserMap, libc::EPERM, free, Reason::NeedsNamespaces, "docker run"),
            (Step::Configure, libc::EINVAL, free, Reason::NeedsNamespaces, ""),
        ];
        for (step, errno, switches, reason, remedy) in table {
            let found = explain_with(HostRole::Client, &Failed { step, errno }, Path::new("/dev/x"), switches);
            assert_eq!(found.reason, reason, "{step:?} {errno}");
            assert!(found.remedy.contains(remedy) && !found.detail.is_empty(), "{step:?} {errno}: {found:?}");
        }
    }
}
