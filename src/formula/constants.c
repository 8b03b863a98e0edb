/* SPDX-License-Identifier: BSD-3-Clause */
/* Constants of mathematics and physics.
 *
 * Source: CODATA recommended values of the fundamental physical constants: 2022, as published by NIST at
 * https://physics.nist.gov/cuu/Constants/ (a work of the United States government: public domain).  Exact values follow
 * from the definition of the SI (2019); their last digits here are those of the nearest double. */
#include "formula/parts.h"

const az_formula_constant az_formula_constants[] = {
    {"pi", 3.14159265358979323846, 0, "", "circumference of a circle over its diameter"},
    {"e", 2.71828182845904523536, 0, "", "base of the natural logarithm"},
    {"const.c", 299792458, 0, "m s-1", "speed of light in vacuum"},
    {"const.h", 6.62607015e-34, 0, "J s", "Planck constant"},
    {"const.hbar", 1.0545718176461565e-34, 0, "J s", "reduced Planck constant"},
    {"const.e", 1.602176634e-19, 0, "C", "elementary charge"},
    {"const.k_B", 1.380649e-23, 0, "J K-1", "Boltzmann constant"},
    {"const.N_A", 6.02214076e23, 0, "mol-1", "Avogadro constant"},
    {"const.R", 8.31446261815324, 0, "J mol-1 K-1", "molar gas constant"},
    {"const.F", 96485.33212331001, 0, "C mol-1", "Faraday constant"},
    {"const.sigma", 5.6703744191844314e-08, 0, "W m-2 K-4", "Stefan-Boltzmann constant"},
    {"const.b", 0.0028977719551851727, 0, "m K", "constant of Wien's displacement law for wavelengths"},
    {"const.eV", 1.602176634e-19, 0, "J", "electron volt"},
    {"const.g", 9.80665, 0, "m s-2", "standard acceleration of gravity"},
    {"const.atm", 101325, 0, "Pa", "standard atmosphere"},
    {"const.G", 6.6743e-11, 1.5e-15, "m3 kg-1 s-2", "Newtonian constant of gravitation"},
    {"const.epsilon_0", 8.8541878188e-12, 1.4e-21, "F m-1", "vacuum electric permittivity"},
    {"const.mu_0", 1.25663706127e-06, 2e-16, "N A-2", "vacuum magnetic permeability"},
    {"const.alpha", 0.0072973525643, 1.1e-12, "", "fine-structure constant"},
    {"const.a_0", 5.29177210544e-11, 8.2e-21, "m", "Bohr radius"},
    {"const.R_inf", 10973731.568157, 1.2e-05, "m-1", "Rydberg constant"},
    {"const.mu_B", 9.2740100657e-24, 2.9e-33, "J T-1", "Bohr magneton"},
    {"const.m_e", 9.1093837139e-31, 2.8e-40, "kg", "electron mass"},
    {"const.m_p", 1.67262192595e-27, 5.2e-37, "kg", "proton mass"},
    {"const.m_n", 1.67492750056e-27, 8.5e-37, "kg", "neutron mass"},
    {"const.m_u", 1.66053906892e-27, 5.2e-37, "kg", "atomic mass constant"},
    {.name = NULL},
};

const az_formula_constant *az_formula_constant_find(const char *name)
{
    for (const az_formula_constant *constant = az_formula_constants; constant->name; constant++)
        if (strcmp(constant->name, name) == 0) return constant;
    return NULL;
}
