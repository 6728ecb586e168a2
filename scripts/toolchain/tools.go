//go:build tools

// Package toolchain pins the Pulumi CLI as a Go module, so that it can be built where only package registries can be reached.
package toolchain

import _ "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
