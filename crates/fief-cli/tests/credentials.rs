//! The file that credentials are kept in.

#![allow(clippy::indexing_slicing, clippy::unwrap_used)]

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    thread,
    time::{Duration, SystemTime},
};

use fief_cli::{CredentialStore, Credentials, CredentialsFile, CredentialsMemory};
use tempfile::TempDir;

/// As the official Python client writes it: with members that we don't name, and in its order.
const PYTHON: &str = r#"{"userinfo": {"sub": "545e68d4-b831-43cb-9aec-972543716667",
    "email": "anne@bretagne.duchy", "tenant_id": "c91ecb7f-359c-4244-8385-51ecd6c0d06b",
    "fields": {"castles": 3}, "aud": ["ID"], "exp": 1790000000},
    "tokens": {"access_token": "ACCESS", "id_token": "IDENTITY", "token_type": "bearer",
    "expires_in": 86400, "refresh_token": "REFRESH", "scope": "openid"}}"#;

#[test]
fn the_python_clients_file_is_read_and_written() {
    let (_folder, path) = folder();
    fs::write(&path, PYTHON).unwrap();
    let store = CredentialsFile::new(&path);
    let credentials = store.load().unwrap().unwrap();
    assert_eq!(credentials.userinfo.email.as_deref(), Some("anne@bretagne.duchy"));
    assert_eq!(credentials.tokens.access_token.expose(), "ACCESS");
    store.save(&credentials).unwrap();

    let written: serde_json::Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    let mut before: serde_json::Value = serde_json::from_str(PYTHON).unwrap();
    before["tokens"].as_object_mut().unwrap().remove("scope"); // not of the client's type either
    assert_eq!(written, before);
    assert!(!format!("{credentials:?}").contains("ACCESS"));
}

#[test]
fn all_stores_behave_alike() {
    let (_folder, path) = folder();
    let in_new_folders = path.with_file_name("a").join("b").join("credentials.json");
    let stores: [&dyn CredentialStore; 3] = [
        &CredentialsMemory::default(),
        &CredentialsFile::new(path),
        &CredentialsFile::new(in_new_folders),
    ];
    for store in stores {
        assert_eq!(store.load().unwrap(), None);
        store.clear().unwrap();
        let _lock = store.lock().unwrap();
        for subject in ["anne", "isabeau"] {
            store.save(&credentials_of(subject)).unwrap();
            assert_eq!(store.load().unwrap(), Some(credentials_of(subject)));
        }
        store.clear().unwrap();
        assert_eq!(store.load().unwrap(), None);
    }
}

#[test]
fn nothing_stays_beside_the_file_but_its_lock() {
    let (_folder, path) = folder();
    let store = CredentialsFile::new(&path);
    drop(store.lock().unwrap());
    for _ in 0..3 {
        store.save(&credentials_of("anne")).unwrap();
    }
    assert_eq!(names(&path), ["credentials.json", "credentials.json.lock"]);
    store.clear().unwrap();
    assert_eq!(names(&path), ["credentials.json.lock"]);
}

#[test]
fn a_corrupt_file_means_signed_out_and_is_kept_until_the_sign_out() {
    let (_folder, path) = folder();
    let store = CredentialsFile::new(&path);
    let corrupt = [&PYTHON[..300], "", "{}", "[]", "\u{0}", &"[".repeat(100_000)];
    let long = format!("{PYTHON}{}", " ".repeat(5 * 1024 * 1024));
    for (number, content) in corrupt.into_iter().chain([long.as_str()]).enumerate() {
        fs::write(&path, content).unwrap();
        close(&path);
        assert_eq!(store.load().unwrap(), None, "{number}");
        assert_eq!(fs::read_to_string(&path).unwrap(), content, "reading changes nothing");
        store.save(&credentials_of("anne")).unwrap();
        assert_eq!(store.load().unwrap(), Some(credentials_of("anne")));
        let aside = path.with_file_name("credentials.json.corrupt");
        assert_eq!(fs::read_to_string(aside).unwrap(), content, "{number}");
        if number % 2 == 0 {
            fs::write(&path, content).unwrap();
        }
        store.clear().unwrap();
        assert!(names(&path).is_empty(), "{:?}", names(&path));
    }
}

#[test]
fn a_save_that_was_cut_short_is_finished_by_the_next_holder_of_the_lock() {
    let (_folder, path) = folder();
    let new = path.with_file_name("credentials.json.new");
    let store = CredentialsFile::new(&path);
    let whole = serde_json::to_string(&credentials_of("isabeau")).unwrap();
    for (what, left, is_taken_up) in [
        ("whole", whole.as_str(), true),
        ("a part", &whole[..whole.len() - 1], false),
        ("nothing", "", false),
        ("room", "                    ", false),
    ] {
        store.save(&credentials_of("anne")).unwrap();
        fs::write(&new, left).unwrap();
        close(&new);
        drop(store.lock().unwrap());
        let found = store.load().unwrap().unwrap().userinfo.sub;
        assert_eq!(found, if is_taken_up { "isabeau" } else { "anne" }, "{what}");
        assert_eq!(names(&path), ["credentials.json", "credentials.json.lock"], "{what}");
    }
    // Of a sign-in that was the first.
    store.clear().unwrap();
    fs::write(&new, &whole).unwrap();
    close(&new);
    assert_eq!(store.load().unwrap(), Some(credentials_of("isabeau")), "before the lock too");
    drop(store.lock().unwrap());
    assert_eq!(store.load().unwrap(), Some(credentials_of("isabeau")));
    assert!(!new.exists());
    // The clock was ahead when the file was written, and is set back.
    fs::File::options().write(true).open(&path).unwrap().set_modified(in_an_hour()).unwrap();
    fs::write(&new, serde_json::to_string(&credentials_of("anne")).unwrap()).unwrap();
    close(&new);
    drop(store.lock().unwrap());
    assert_eq!(store.load().unwrap(), Some(credentials_of("anne")));
    // A program that knows nothing of it has saved since.
    fs::write(&new, &whole).unwrap();
    close(&new);
    let an_hour_ago = SystemTime::now() - Duration::from_secs(3600);
    fs::File::options().write(true).open(&new).unwrap().set_modified(an_hour_ago).unwrap();
    store.load().unwrap();
    fs::write(&path, PYTHON).unwrap();
    drop(store.lock().unwrap());
    assert_eq!(store.load().unwrap().unwrap().tokens.access_token.expose(), "ACCESS");
    assert!(!new.exists());
    // And a sign-out leaves nothing of it.
    fs::write(&new, &whole).unwrap();
    store.clear().unwrap();
    assert_eq!(names(&path), ["credentials.json.lock"]);
}

fn in_an_hour() -> SystemTime {
    SystemTime::now() + Duration::from_secs(3600)
}

#[test]
fn credentials_as_long_as_an_answer_may_be_are_read_again() {
    let (_folder, path) = folder();
    let store = CredentialsFile::new(&path);
    let mut value: serde_json::Value = serde_json::from_str(PYTHON).unwrap();
    value["userinfo"]["fields"]["chronicle"] = "c".repeat(700 * 1024).into();
    value["tokens"]["id_token"] = "i".repeat(1000 * 1024).into();
    let long: Credentials = serde_json::from_value(value).unwrap();
    store.save(&long).unwrap();
    assert!(store.load().unwrap() == Some(long));
}

#[test]
fn a_sign_out_removes_what_it_can() {
    let (_folder, path) = folder();
    let store = CredentialsFile::new(&path);
    store.save(&credentials_of("anne")).unwrap();
    let in_the_way = path.with_file_name("credentials.json.new");
    fs::create_dir(&in_the_way).unwrap();
    let error = store.try_save().unwrap_err();
    assert!(error.to_string().contains("credentials.json.new"), "{error}");
    let error = store.clear().unwrap_err();
    assert!(error.to_string().contains("credentials.json.new"), "{error}");
    assert!(!path.exists(), "the tokens are gone all the same");
    fs::remove_dir(&in_the_way).unwrap();
    // There can be nothing below a file.
    fs::write(&path, "").unwrap();
    CredentialsFile::new(path.join("below.json")).clear().unwrap();
}

#[test]
fn trying_to_save_finds_out_and_changes_nothing() {
    let (_folder, path) = folder();
    let store = CredentialsFile::new(&path);
    store.try_save().unwrap();
    assert!(names(&path).is_empty());
    store.save(&credentials_of("anne")).unwrap();
    store.try_save().unwrap();
    assert_eq!(names(&path), ["credentials.json"]);
    assert_eq!(store.load().unwrap(), Some(credentials_of("anne")));
    assert!(CredentialsFile::new(path.join("below.json")).try_save().is_err());
}

#[test]
fn what_is_no_file_is_an_error_that_names_it() {
    let (_folder, path) = folder();
    fs::create_dir(&path).unwrap();
    assert_refused(&path, "credentials.json");
    assert!(CredentialsFile::new(&path).clear().is_err());
    assert!(CredentialsFile::new("/").save(&credentials_of("anne")).is_err());
    assert!(
        CredentialsFile::new("").lock().is_err() && CredentialsFile::new("/").try_save().is_err()
    );
}

#[test]
fn one_holds_the_lock_at_a_time() {
    let (_folder, path) = folder();
    for store in [
        Arc::new(CredentialsMemory::default()) as Arc<dyn CredentialStore>,
        Arc::new(CredentialsFile::new(path)),
    ] {
        let inside = Arc::new(AtomicUsize::new(0));
        let threads: Vec<_> = (0..8)
            .map(|_| {
                let (store, inside) = (store.clone(), inside.clone());
                thread::spawn(move || {
                    for _ in 0..5 {
                        let lock = store.lock().unwrap();
                        assert_eq!(inside.fetch_add(1, SeqCst), 0);
                        thread::yield_now();
                        inside.fetch_sub(1, SeqCst);
                        drop(lock);
                    }
                })
            })
            .collect();
        for thread in threads {
            thread.join().unwrap();
        }
    }
}

#[test]
fn a_reader_sees_the_old_or_the_new_file_never_a_part() {
    let (_folder, path) = folder();
    let store = CredentialsFile::new(&path);
    store.save(&credentials_of("anne")).unwrap();
    let reader = {
        let store = store.clone();
        thread::spawn(move || (0..500).all(|_| store.load().unwrap().is_some()))
    };
    for round in 0..50 {
        store.save(&credentials_of(["anne", "isabeau"][round % 2])).unwrap();
    }
    assert!(reader.join().unwrap());
}

#[cfg(unix)]
mod unix {
    use std::{
        os::unix::fs::{FileTypeExt as _, PermissionsExt as _, symlink},
        sync::Mutex,
    };

    use super::*;

    #[test]
    fn only_the_owner_can_read_it() {
        let (_folder, path) = folder();
        let path = path.with_file_name("new").join("credentials.json");
        let store = CredentialsFile::new(&path);
        drop(store.lock().unwrap());
        store.save(&credentials_of("anne")).unwrap();
        assert_eq!(mode(path.parent().unwrap()), 0o700);
        for path in [&path, &path.with_file_name("credentials.json.lock")] {
            assert_eq!(mode(path), 0o600, "{path:?}");
        }
    }

    #[test]
    fn what_is_open_to_others_is_closed_with_a_warning() {
        let (_folder, path) = folder();
        let path = path.with_file_name("loose").join("credentials.json");
        let (store, warnings) = warned(&path);
        store.save(&credentials_of("anne")).unwrap();
        store.load().unwrap();
        assert_eq!(warnings.lock().unwrap().len(), 0);
        // As the Python client leaves it, and worse.
        for (of_file, of_folder, closed, count) in
            [(0o644, 0o755, 0o755, 1), (0o666, 0o777, 0o775, 2), (0o600, 0o1777, 0o1777, 0)]
        {
            set_mode(&path, of_file);
            set_mode(path.parent().unwrap(), of_folder);
            assert!(store.load().unwrap().is_some());
            assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, closed));
            let warnings: Vec<_> = warnings.lock().unwrap().drain(..).collect();
            assert_eq!(warnings.len(), count, "{warnings:?}");
            assert!(warnings.iter().all(|warning| warning.contains("closed")), "{warnings:?}");
        }
    }

    #[test]
    fn a_file_of_another_user_is_not_read_and_can_be_replaced() {
        let (_folder, path) = folder();
        let store = CredentialsFile::new(&path);
        store.save(&credentials_of("mallory")).unwrap();
        if std::os::unix::fs::chown(&path, Some(4242), None).is_err() {
            println!("skipped: only root can give a file away");
            return;
        }
        let error = store.load().unwrap_err();
        let cause = std::error::Error::source(&error).unwrap().to_string();
        assert!(cause.contains("4242"), "{cause}");
        store.try_save().unwrap();
        store.save(&credentials_of("anne")).unwrap();
        assert_eq!(store.load().unwrap(), Some(credentials_of("anne")));
        std::os::unix::fs::chown(&path, Some(4242), None).unwrap();
        store.clear().unwrap();
        assert!(names(&path).is_empty());
    }

    #[test]
    fn a_sign_out_empties_what_it_cannot_remove() {
        let (folder, path) = folder();
        let store = CredentialsFile::new(&path);
        store.save(&credentials_of("anne")).unwrap();
        set_mode(folder.path(), 0o500);
        let removable = fs::write(folder.path().join("probe"), "").is_ok();
        let cleared = store.clear();
        set_mode(folder.path(), 0o700);
        if removable {
            println!("skipped: root writes where it likes");
            return;
        }
        cleared.unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "");
        assert_eq!(store.load().unwrap(), None);
    }

    #[test]
    fn symbolic_links_are_not_followed() {
        let (_folder, path) = folder();
        let target = path.with_file_name("target");
        fs::write(&target, PYTHON).unwrap();
        symlink(&target, &path).unwrap();
        assert_refused(&path, "a symbolic link");
        CredentialsFile::new(&path).clear().unwrap();
        assert!(fs::symlink_metadata(&path).is_err(), "the link is removed");
        assert_eq!(fs::read_to_string(&target).unwrap(), PYTHON, "and not what it points to");

        symlink(&target, path.with_file_name("credentials.json.lock")).unwrap();
        let error = CredentialsFile::new(&path).lock().unwrap_err();
        assert!(error.to_string().contains("a symbolic link"), "{error}");
    }

    #[test]
    fn a_pipe_does_not_block() {
        let (_folder, path) = folder();
        let made = std::process::Command::new("mkfifo").arg(&path).status();
        if !made.is_ok_and(|status| status.success()) {
            println!("skipped: there is no mkfifo");
            return;
        }
        assert_refused(&path, "it is no file");
        // A device would be lost for the whole system.
        assert!(CredentialsFile::new(&path).clear().is_err());
        assert!(fs::metadata(&path).unwrap().file_type().is_fifo());
    }

    fn warned(path: &Path) -> (CredentialsFile, Arc<Mutex<Vec<String>>>) {
        let warnings = Arc::new(Mutex::new(Vec::new()));
        let heard = warnings.clone();
        let store = CredentialsFile::new(path)
            .warnings(move |warning| heard.lock().unwrap().push(warning.to_owned()));
        (store, warnings)
    }

    fn set_mode(path: &Path, mode: u32) {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    fn mode(path: &Path) -> u32 {
        fs::symlink_metadata(path).unwrap().permissions().mode() & 0o7777
    }
}

/// Neither reading nor writing is tried; the error names the file, and its cause gives the reason.
fn assert_refused(path: &Path, message: &str) {
    let store = CredentialsFile::new(path);
    for error in [store.load().unwrap_err(), store.try_save().unwrap_err()] {
        let cause = std::error::Error::source(&error).unwrap();
        assert!(format!("{error}: {cause}").contains(message), "{error}: {cause}");
    }
}

/// To all others, as a file that we have made.
#[cfg_attr(not(unix), expect(unused_variables, reason = "the rights are those of the folder"))]
fn close(path: &Path) {
    #[cfg(unix)]
    fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
}

fn folder() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("credentials.json");
    (folder, path)
}

fn names(path: &Path) -> Vec<String> {
    let entries = fs::read_dir(path.parent().unwrap()).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn credentials_of(subject: &str) -> Credentials {
    let mut value: serde_json::Value = serde_json::from_str(PYTHON).unwrap();
    value["userinfo"]["sub"] = subject.into();
    serde_json::from_value(value).unwrap()
}
