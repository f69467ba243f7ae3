# METADATA
# description: What people may do in a repository, by the words of the code hosts.
package countersign.permission

# METADATA
# description: Whether one permission is at least another; a word that is not known is none.
enough(has, wanted) if _rank[lower(has)] >= _rank[lower(wanted)]

# METADATA
# description: Whether a text is a permission.
known(word) if _rank[lower(word)]

# GitHub's (https://docs.github.com/rest/collaborators/collaborators#get-repository-permissions-for-a-user) and GitLab's
# (https://docs.gitlab.com/user/permissions/).
_rank := {
	"read": 1,
	"guest": 1,
	"planner": 1,
	"triage": 2,
	"reporter": 2,
	"write": 3,
	"developer": 3,
	"maintain": 4,
	"maintainer": 4,
	"admin": 5,
	"owner": 5,
}
