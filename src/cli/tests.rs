use clap::CommandFactory;

use super::*;
use crate::job::{Job, VerifyLevel};
use crate::pg::conninfo::Environment;

fn request(arguments: &[&str]) -> Request {
    match Cli::try_parse_from(arguments).expect("a good command line").command {
        Command::Connecting(command) => command.into_request(&Environment::of_user("me")),
        other => panic!("it does not connect: {other:?}"),
    }
}

fn job(arguments: &[&str]) -> Job {
    let all = ["fdwcopy", "clone", "-s", "host=a dbname=x", "-d", "host=b dbname=y"];
    match request(&[&all, arguments].concat()).task.expect("a good job") {
        Task::Clone(job) => job,
        _ => panic!("not a clone"),
    }
}

#[test]
fn the_command_line_is_well_formed() {
    Cli::command().debug_assert();
}

#[test]
fn a_plain_clone_copies_everything_and_counts() {
    let job = job(&[]);
    assert_eq!((job.workers, job.proof.level, job.proof.analyze), (4, VerifyLevel::Count, true));
    assert!(job.definitions.omitted().is_empty());
}

#[test]
fn switches_leave_things_out() {
    let job = job(&["-O", "-x", "--no-comments", "--schema-only"]);
    assert_eq!(job.definitions.omitted().len(), 3);
    assert!(job.definitions.schema_only);
}

#[test]
fn wrong_options_are_refused() {
    for wrong in [&["--jobs", "0"][..], &["--verify", "maybe"], &["-t", "/(/"], &["--frobnicate"]] {
        let all = ["fdwcopy", "clone", "-s", "host=a", "-d", "host=b"];
        let error = Cli::try_parse_from(all.iter().chain(wrong)).expect_err("a mistake");
        assert_eq!(error.exit_code(), 2, "{wrong:?}");
    }
}

#[test]
fn a_malformed_connection_string_is_told_by_its_option_and_never_shown() {
    let all = ["fdwcopy", "clone", "-s", "host=a password='hush", "-d", "host=b"];
    let error = request(&all).task.expect_err("the quote is open");
    let text = crate::error::ErrorReport::from(&error).to_string();
    assert!(text.contains("--source") && !text.contains("hush"), "{text}");
}
