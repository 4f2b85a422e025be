//! What was typed, as what it means: a [`Job`] or another task.
//!
//! Invariant: a mistake in a connection string is a usage error that names its option.
//! Deliberately absent: any I/O but the reading of the environment that libpq reads too.

use std::time::Duration;

use super::{
    ChosenArgs, CleanupArgs, CloneArgs, CommonArgs, Connecting, ConsistencyArg, FateArg, InvalidKeyArg,
    Request, SelectionArgs, VerifyArg,
};
use crate::error::{Error, Kind, Result};
use crate::job::{Cleanup, Definitions, Fate, InvalidForeignKeys, Job, Mode, Proof, Roles, VerifyLevel};
use crate::pg::conninfo::{Conninfo, Environment, Overrides};
use crate::pipeline::Task;
use crate::plan::pattern::Pattern;
use crate::plan::select::Selection;

impl SelectionArgs {
    pub(super) fn into_selection(self) -> Selection {
        self.chosen.into_selection(self.exclude_data)
    }
}

impl ChosenArgs {
    pub(super) fn into_selection(self, exclude_data: Vec<Pattern>) -> Selection {
        Selection {
            schemas: self.schemas,
            exclude_schemas: self.exclude_schemas,
            tables: self.tables,
            exclude_tables: self.exclude_tables,
            exclude_data,
            preset: self.provider,
        }
    }
}

impl Connecting {
    /// The request that was meant.
    #[must_use]
    pub fn into_request(self, environment: &Environment) -> Request {
        match self {
            Self::Clone(args) => args.into_request(environment),
            Self::Copy(args) => args.into_request(environment),
            Self::Sync(args) => args.into_request(environment),
            Self::Sequences(args) => args.into_request(environment),
            Self::Check(args) => args.into_check(environment),
            Self::Verify(args) => args.into_request(environment),
            Self::Cleanup(args) => args.into_request(environment),
        }
    }
}

impl CommonArgs {
    pub(super) fn into_job(self, environment: &Environment) -> Result<Job> {
        let connection = self.connection;
        let named = |option: &'static str| move |error: crate::error::Error| error.within(option);
        Ok(Job {
            source: Conninfo::resolve(&connection.source, environment).map_err(named("--source"))?,
            target: Conninfo::resolve(&connection.target, environment).map_err(named("--target"))?,
            source_from_target: match connection.source_from_target.as_deref() {
                Some(text) => Conninfo::parse_overrides(text).map_err(named("--source-from-target"))?,
                None => Overrides::default(),
            },
            temporary_role: connection.temporary_role,
            selection: self.selection.into_selection(),
            workers: usize::from(connection.jobs.get()),
            definitions: Definitions {
                owner: !self.definitions.no_owner,
                privileges: !self.definitions.no_privileges,
                comments: !self.definitions.no_comments,
                tablespaces: !self.definitions.no_tablespaces,
                roles: match (self.definitions.roles, self.definitions.no_role_passwords) {
                    (false, _) => Roles::Expected,
                    (true, false) => Roles::WithPasswords,
                    (true, true) => Roles::WithoutPasswords,
                },
                replace: self.definitions.replace,
                invalid_foreign_keys: match self.definitions.invalid_foreign_keys {
                    InvalidKeyArg::Fail => InvalidForeignKeys::Fail,
                    InvalidKeyArg::NotValid => InvalidForeignKeys::NotValid,
                },
                schema_only: self.definitions.schema_only,
                pg_bin: self.definitions.pg_bin,
            },
            proof: Proof { level: VerifyLevel::Count, analyze: true },
            snapshot_timeout: Duration::from_secs(30),
            consistency: Mode::Snapshot,
            resume: false,
            dry_run: false,
        })
    }
}

impl CloneArgs {
    /// The clone that was meant.
    #[must_use]
    pub fn into_request(self, environment: &Environment) -> Request {
        let output = self.common.output.output();
        let level = match self.verify {
            VerifyArg::None => VerifyLevel::None,
            VerifyArg::Count => VerifyLevel::Count,
            VerifyArg::Checksum => VerifyLevel::Checksum,
        };
        let consistency = match self.consistency {
            ConsistencyArg::Snapshot => Mode::Snapshot,
            ConsistencyArg::Lock => Mode::Lock,
            ConsistencyArg::None => Mode::None,
        };
        let job = self.common.into_job(environment).map(|job| Job {
            proof: Proof { level, analyze: !self.no_analyze },
            snapshot_timeout: Duration::from_secs(self.snapshot_timeout.into()),
            consistency,
            resume: self.resume,
            dry_run: self.dry_run,
            ..job
        });
        let job = job.and_then(|job| match job.consistency {
            Mode::Snapshot if job.resume => {
                Err(Error::new(Kind::Usage, "a run of one snapshot cannot be resumed: it is all or nothing")
                    .object("--resume")
                    .remedy("give --consistency lock or none, as the interrupted run did"))
            }
            _ => Ok(job),
        });
        Request { command: "clone", task: job.map(Task::Clone), output }
    }
}

impl CommonArgs {
    /// The check that was meant.
    #[must_use]
    pub fn into_check(self, environment: &Environment) -> Request {
        let output = self.output.output();
        let job = self.into_job(environment).map(|job| Job { dry_run: true, ..job });
        Request { command: "check", task: job.map(Task::Check), output }
    }
}

impl CleanupArgs {
    /// The cleaning up that was meant.
    #[must_use]
    pub fn into_request(self, environment: &Environment) -> Request {
        let target = Conninfo::resolve(&self.target, environment).map_err(|error| error.within("--target"));
        let fate = self.unfinished.map(|fate| match fate {
            FateArg::Drop => Fate::Drop,
            FateArg::Keep => Fate::Keep,
        });
        let cleanup = target.map(|target| Cleanup {
            target,
            unfinished: fate,
            watermarks: self.watermarks,
            dry_run: self.dry_run,
        });
        Request { command: "cleanup", task: cleanup.map(Task::Cleanup), output: self.output.output() }
    }
}
