package countersign.version_test

import data.countersign.version

test_versions_in_names if {
	every name, expected in {
		"claude-opus-4-5-20251101": [4, 5, 0, 0],
		"claude-opus-4-20250514": [4, 0, 0, 0],
		"claude-3-5-sonnet-20241022": [3, 5, 0, 0],
		"Claude Opus 4.6": [4, 6, 0, 0],
		"gpt-5.6-sol": [5, 6, 0, 0],
		"gpt-4o": [4, 0, 0, 0],
		"gpt-4-0613": [4, 0, 0, 0],
		"o3": [3, 0, 0, 0],
		"gemini-2.5-pro-preview-05-06": [2, 5, 0, 0],
		"llama-3.1-70b": [3, 1, 0, 0],
		"llama-3-70B": [3, 0, 0, 0],
		"gpt-4-32k": [4, 0, 0, 0],
		"model-1.2.3.4": [1, 2, 3, 4],
	} {
		version.of(name) == expected
	}
}

test_names_without_a_version if {
	every name in ["", "sonnet", "qwen-72b", "model-20251101"] {
		not version.of(name)
	}
}

test_every_operator_holds_at_its_boundary if {
	every range in [">=4.5", "<=4.5", "=4.5", ">4.4", "<4.6", ">=4", ">=4.5 <6", "=4.5.0"] {
		version.satisfies("model-4.5", range)
	}
	every range in [">=4.6", "<=4.4", "=4.4", "=4", ">4.5", "<4.5", "<=4", ">=4.5 <4.5", ">=5 <6"] {
		not version.satisfies("model-4.5", range)
	}
}

test_numbers_are_compared_as_numbers if {
	version.satisfies("model-10.0", ">9.9")
	version.satisfies("model-4.10", ">4.9")
}

test_a_name_without_a_version_is_in_no_range if {
	not version.satisfies("model", ">=0")
	version.satisfies("model", "")
}

test_ranges if {
	every text in [">=4.5", ">=4.5 <6", "=1.2.3.4"] {
		version.valid_range(text)
	}
	every text in ["", "4.5", "~4.5", ">= 4.5", ">=4.5  <6", ">=4.5,<6", ">=1.2.3.4.5", ">=x"] {
		not version.valid_range(text)
	}
}

test_a_malformed_range_admits_nothing if {
	not version.satisfies("model-4.5", ">=4.5 or so")
}
